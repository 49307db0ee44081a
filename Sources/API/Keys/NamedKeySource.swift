/// Where the key check gets what lies outside of it: the file and the arithmetic.
package struct NamedKeySource {
  /// What the last look has found `keys.json` to have become since it was last asked for; nil if
  /// it is as it was. The first answer is never nil. Asking looks at nothing: a look may have to
  /// wait for a disk.
  package var changes: () -> Change?
  /// `crypt(3)`: what a key hashes to under a setting, or nil if the system cannot say.
  package var hash: (_ key: String, _ setting: String) -> String?

  /// What a look at the file found.
  package enum Change {
    case records([KeyRecord])
    /// It cannot be read or trusted: no named key is right until it can.
    case unusable
  }

  package init(changes: @escaping () -> Change?, hash: @escaping (String, String) -> String?) {
    self.changes = changes
    self.hash = hash
  }
}
