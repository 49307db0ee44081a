import HTTP

/// The users who need no key on the Unix socket: root and the user that the daemon runs as. Both can read
/// the key file and end the daemon.
package struct LocalUsers: Equatable, Sendable {
  /// The number that the kernel shows for every user who has none in this user namespace
  /// (`/proc/sys/kernel/overflowuid`): it says nothing of who that is.
  private static let overflowUser: UInt32 = 65534
  /// What a proxy adds to a request: who sent it is then not the process at the other end.
  private static let forwarding = [
    "X-Forwarded-For", "Forwarded", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Via",
  ]

  private let users: Set<UInt32>

  /// None.
  package init() {
    users = []
  }

  /// - Parameter own: the user that the daemon runs as.
  package init(own: UInt32) {
    users = own == Self.overflowUser ? [0] : [0, own]
  }

  /// Who asks; nil where the user needs a key, or where a proxy passes on what somebody else asks.
  func caller(_ user: UInt32, _ headers: Headers) -> Caller? {
    guard users.contains(user), !Self.forwarding.contains(where: { headers.contains($0) }) else {
      return nil
    }
    return Caller(user: user)
  }
}
