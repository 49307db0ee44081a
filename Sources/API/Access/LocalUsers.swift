import HTTP

/// The users who need no key on the Unix socket: root and the user that the daemon runs as. Both
/// can read the key file and end the daemon.
package struct LocalUsers: Equatable, Sendable {
  /// The number that the kernel shows for every user who has none in this user namespace
  /// (`/proc/sys/kernel/overflowuid`): it says nothing of who that is.
  private static let overflowUser: UInt32 = 65534
  /// Parts of the names of headers that proxies add to a request (`X-Forwarded-For`,
  /// `True-Client-IP`, `CF-Connecting-IP`): who sent it is then not the process at the other end.
  /// Each proxy has names of its own, so parts of them are compared: a name too many costs the
  /// client a key, one too few gives away root's rights.
  private static let forwarding = [
    "forwarded", "client-ip", "clientip", "connecting-ip", "x-real-", "x-proxyuser-", "x-envoy-",
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

  /// Who asks; nil if the user needs a key, or if a proxy passes on the request of another
  /// client.
  func caller(_ user: UInt32, _ headers: Headers) -> Caller? {
    guard users.contains(user), !headers.contains(where: { Self.isForwarding($0.name) }) else {
      return nil
    }
    return Caller(user: user)
  }

  private static func isForwarding(_ name: String) -> Bool {
    let name = name.lowercased()
    return name == "via" || forwarding.contains { name.contains($0) }
  }
}
