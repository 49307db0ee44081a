import API
import Testing

/// `keys.json` and the texts in it.
@Suite struct KeysFileTests {
  private static let hash =
    "$7$46..../....iO/aFVy29NfudogP$WUWyYNQOXVeyaIL.tpyS868UIaDaBQiGRRVYstrXNgC"
  private static let good =
    #"{"name": "ci", "role": "read", "hash": "\#(hash)", "created": "2026-01-31T10:30:45Z"}"#

  private func parse(_ text: String) throws -> [KeyRecord] {
    try KeysFile.parse(Array(text.utf8), name: "/c/keys.json")
  }

  @Test func whatIsWrittenIsReadAgainTheSame() throws {
    let records = Role.allCases.map {
      KeyRecord(
        name: "k-\($0.rawValue)", role: $0, hash: Self.hash, created: .seconds(1_769_855_445))
    }
    let bytes = KeysFile.render(records)
    #expect(try KeysFile.parse(bytes, name: "f") == records)
    #expect(
      String(decoding: KeysFile.render([records[0]]), as: UTF8.self) == """
        [
          {
            "name": "k-read",
            "role": "read",
            "hash": "\(Self.hash)",
            "created": "2026-01-31T10:30:45Z"
          }
        ]

        """)
    #expect(try parse("[]") == [])
  }

  @Test func aListShowsNoHash() {
    let record = KeyRecord(name: "ci", role: .operate, hash: Self.hash, created: .zero)
    let text = String(decoding: KeysFile.list([record]), as: UTF8.self)
    #expect(!text.contains("hash") && !text.contains("$7$"))
    for word in ["\"ci\"", "\"operate\"", "1970-01-01T00:00:00Z"] { #expect(text.contains(word)) }
  }

  @Test(arguments: [
    ("", "/c/keys.json, line 1, column 1: expected a JSON value"),
    ("[\n \(good),\n]", "/c/keys.json, line 3, column 1: expected a value after ','"),
    ("{}", "/c/keys.json, line 1, column 1: must be an array of keys, not an object"),
    ("[1]", "/c/keys.json, line 1, column 2: [0]: a key must be a JSON object, not a number"),
    (good.list(replacing: #""ci""#, by: "5"), #"[0]: "name" must be a string, not a number"#),
    (good.list(replacing: #""ci""#, by: #""C i""#), #""name" is "C i", but must be 1 to 64 of"#),
    (good.list(replacing: #""ci""#, by: #""""#), #""name" is "", but must be 1 to 64 of"#),
    (good.list(replacing: #""ci""#, by: #""default""#), "that is the main key's"),
    (good.list(replacing: #""ci""#, by: "null"), #""name" is missing"#),
    (
      good.list(replacing: "read", by: "root"),
      #""role" is "root", but must be one of read, operate"#
    ),
    (
      good.list(replacing: #""role""#, by: #""rolle""#),
      #"unknown field "rolle": did you mean "role"?"#
    ),
    (good.list(replacing: "$7$", by: "$5$"), #""hash" must be a hash that 'exeio key add' wrote"#),
    (good.list(replacing: "NgC", by: "NgC."), #""hash" must be a hash that 'exeio key add' wrote"#),
    (good.list(replacing: "NgC", by: "Ng$"), #""hash" must be a hash that 'exeio key add' wrote"#),
    (
      good.list(replacing: "10:30", by: "10-30"),
      #""created" is "2026-01-31T10-30:45Z", but must be a time"#
    ),
    (
      "[\(good), \(good)]",
      #"[1] (name "ci"): "name" is the same as that of [0], but must be unique"#
    ),
  ])
  func anErrorNamesTheFileThePlaceAndWhatIsWrong(text: String, words: String) throws {
    let error = try #require(throws: JSONFileError.self) { try parse(text) }
    #expect("\(error)".hasPrefix("/c/keys.json"))
    #expect("\(error)".contains(words), "\(error)")
  }

  @Test func everyMistakeIsFound() {
    let bad = #"{"name": "A"}"#
    let mistakes = KeysFile.mistakes(
      in: Array("[\(bad),\n \(Self.good),\n 1,\n\(Self.good)]".utf8), name: "f")
    #expect(mistakes.count == 3)
    for (mistake, start) in zip(
      mistakes,
      [
        #"f, line 1, column 11: [0]: "name" is"#, "f, line 3, column 2: [2]: ",
        #"f, line 4, column 10: [3] (name "ci")"#,
      ])
    {
      #expect(mistake.hasPrefix(start), "\(mistake)")
    }
    #expect(KeysFile.mistakes(in: Array("[".utf8), name: "f").count == 1)
    #expect(KeysFile.mistakes(in: Array("[\(Self.good)]".utf8), name: "f").isEmpty)
  }

  /// The operator may have put the key where its hash belongs, and errors are in logs that others
  /// read.
  @Test func anErrorNeverShowsWhatStandsForAHash() throws {
    let key = "exeio_ci_0123456789abcdef"
    let error = try #require(throws: JSONFileError.self) {
      try parse(Self.good.list(replacing: Self.hash, by: key))
    }
    #expect("\(error)".contains(#""hash" must be a hash that 'exeio key add' wrote"#), "\(error)")
    #expect(!"\(error)".contains("0123456789"), "\(error)")
  }

  @Test func aNewKeyNamesItselfAndHasAllItsBits() throws {
    let random = (0..<32).map { UInt8($0 * 8) }
    let key = NamedKey.text(name: "a-1", random: random)
    #expect(key == "exeio_a-1_0008101820283038404850586068707880889098a0a8b0b8c0c8d0d8e0e8f0f8")
    #expect(try #require(NamedKey(key)).name == "a-1")
  }

  @Test func namesAreShortAndPlain() {
    for name in ["a", "0", "-", "deploy-2", String(repeating: "z", count: 64)] {
      #expect(KeyName.isValid(name), "\(name)")
    }
    for name in ["", "A", "a_b", "a b", "é", "a\n", "a.b", String(repeating: "z", count: 65)] {
      #expect(!KeyName.isValid(name), "\(name)")
    }
  }

  @Test func aSettingIsOfTheSchemeThatTheFileTakes() throws {
    let setting = KeyHash.setting(salt: (0..<16).map { UInt8($0 * 16) })
    let text = Self.good.list(
      replacing: Self.hash, by: setting + "$" + String(repeating: "a", count: 43))
    #expect(try parse(text).first?.hash.hasPrefix(setting) == true)
  }
}

extension String {
  /// This object in an array, with something of it replaced.
  fileprivate func list(replacing old: String, by new: String) -> String {
    guard let range = firstRange(of: old) else { preconditionFailure("no '\(old)'") }
    return "[\(replacingSubrange(range, with: new))]"
  }

  private func replacingSubrange(_ range: Range<String.Index>, with new: String) -> String {
    var copy = self
    copy.replaceSubrange(range, with: new)
    return copy
  }
}
