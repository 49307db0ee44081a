/// Who asks: the key that a request came with.
package struct Caller: Hashable, Sendable {
  /// `default` for the main key.
  package var name: String
  package var role: Role
  /// It is known by its user, without a key.
  package private(set) var isUser = false

  /// Root or the daemon's own user, on the Unix socket.
  init(user: UInt32) {
    name = "uid \(user)"
    role = .admin
    isUser = true
  }

  package init(name: String, role: Role) {
    self.name = name
    self.role = role
  }
}
