/// Who asks: the key that a request came with.
package struct Caller: Hashable, Sendable {
  /// `default` for the main key.
  package var name: String
  package var role: Role

  package init(name: String, role: Role) {
    self.name = name
    self.role = role
  }
}
