/// All the keys: the main one, and those of `keys.json`, which may change at any time.
package struct KeyRing {
  private let main: APIKey
  private let source: NamedKeySource
  /// By name; nil while the file cannot be used.
  private var records: [String: KeyRecord]?
  /// The keys that were found right since the file last changed, by name: they cost no hash again.
  private var verified: [String: APIKey] = [:]

  package init(main: APIKey, named source: NamedKeySource) {
    self.main = main
    self.source = source
  }

  /// Whether it takes a look at the named keys to say whose key this is.
  func needsNamedKeys(_ candidate: String) -> Bool {
    !main.matches(candidate) && NamedKey(candidate) != nil
  }

  /// Whether a named key was right at the last look at the file.
  func wasRight(_ candidate: String) -> Bool {
    guard let name = NamedKey(candidate)?.name else { return false }
    return verified[name]?.matches(candidate) == true
  }

  /// Whose key this is.
  ///
  /// What has the form of a named key and is not known to be right costs one hash, whether there is
  /// a key of that name or not: the time says nothing of which names there are.
  mutating func check(_ candidate: String) -> KeyVerdict {
    if main.matches(candidate) { return .right(Caller(name: KeyName.main, role: .admin)) }
    guard let key = NamedKey(candidate) else { return .wrong }
    takeChanges()
    guard let records else { return .unusable }
    // That there are none is no secret, and no request has to pay for it.
    if records.isEmpty { return .wrong }
    let record = records[key.name]
    if let record, verified[key.name]?.matches(candidate) == true {
      return .right(Caller(name: record.name, role: record.role))
    }
    let expected = record?.hash ?? KeyHash.nobodys
    guard let hash = source.hash(candidate, expected) else { return .unusable }
    guard APIKey(expected).matches(hash), let record else { return .wrong }
    verified[key.name] = APIKey(candidate)
    return .right(Caller(name: record.name, role: record.role))
  }

  /// Whether a named key is there, as of the last look at the file; nil if that cannot be told now.
  mutating func hasNamedKey(_ name: String) -> Bool? {
    takeChanges()
    return records.map { $0[name] != nil }
  }

  /// Takes what the last look at the file of the named keys has found.
  mutating func takeChanges() {
    guard let change = source.changes() else { return }
    verified = [:]
    switch change {
    case .records(let all):
      records = Dictionary(all.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    case .unusable: records = nil
    }
  }
}
