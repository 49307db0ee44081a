import API

/// Named keys without a file and without arithmetic, which count how often they are asked.
final class PaperKeys {
  /// What the next look at the file finds; nil where it is as it was.
  var change: NamedKeySource.Change?
  private(set) var hashCount = 0
  private(set) var lookCount = 0
  /// Whether the system is able to hash.
  var canHash = true

  init(_ records: [KeyRecord]) {
    change = .records(records)
  }

  /// A key of that name that is right where `record` is among the records.
  static func key(_ name: String, digit: Character = "0") -> String {
    "exeio_\(name)_" + String(repeating: digit, count: 64)
  }

  static func record(_ name: String, _ role: Role, digit: Character = "0") -> KeyRecord {
    KeyRecord(
      name: name, role: role, hash: "hash of \(key(name, digit: digit))", created: .zero)
  }

  var source: NamedKeySource {
    NamedKeySource { [self] in
      lookCount += 1
      defer { change = nil }
      return change
    } hash: { [self] key, _ in
      hashCount += 1
      return canHash ? "hash of \(key)" : nil
    }
  }
}
