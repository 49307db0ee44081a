/// One key of `keys.json`: whose it is and what it may do. The key itself is nowhere.
package struct KeyRecord: Hashable, Sendable {
  package var name: String
  package var role: Role
  /// See `KeyHash`.
  package var hash: String
  /// When it was made, as RFC 3339 has it: `2026-01-31T10:30:45Z`.
  package var created: String

  /// - Parameter created: the time since 1970.
  package init(name: String, role: Role, hash: String, created: Duration) {
    var writer = JSONWriter()
    writer.append(time: created)
    self.init(
      name: name, role: role, hash: hash,
      created: String(decoding: writer.bytes.dropFirst().dropLast(), as: UTF8.self))
  }

  init(name: String, role: Role, hash: String, created: String) {
    self.name = name
    self.role = role
    self.hash = hash
    self.created = created
  }
}
