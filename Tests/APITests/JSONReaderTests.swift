import Testing

@testable import API

@Suite struct JSONReaderTests {
  @Test(arguments: [
    "{}", "[]", "null", "true", "false", "0", "-0", "-1", "12", "1.5", "0.5e1", "1E+2", "1e-2",
    #""""#, #""a""#, "  [ ]\r\n\t", #"{"a":1,"b":[{"a":1},{"a":2}]}"#, "[1,2,3]",
    #"["\"\\\/\b\f\n\r\t\u0041\ud83d\ude00"]"#, #"["\u0000"]"#, #"["é€😀"]"#, "[1e400]",
    #"["\#u{7F}"]"#, #"["\#u{2028}"]"#, #"{"":0}"#, #"{"a":1,"A":2}"#, #"["\uDBFF\uDFFF"]"#,
    "[-0.0e-0]", "[\"\u{FEFF}\"]",
  ])
  func acceptsWhatIsJSON(text: String) throws {
    _ = try JSONReader.value(of: Array(text.utf8))
  }

  @Test(arguments: [
    ("", 1, 1, "a JSON value", "the end of the text"),
    ("  \n ", 2, 2, "a JSON value", "the end of the text"),
    ("{", 1, 2, "a member name in double quotes or '}'", "the end of the text"),
    ("[", 1, 2, "a value or ']'", "the end of the text"),
    ("[1", 1, 3, "',' or ']'", "the end of the text"),
    ("[1,]", 1, 4, "a value after ','", "']'"),
    ("[,1]", 1, 2, "a value or ']'", "','"),
    ("[1,,2]", 1, 4, "a value after ','", "','"),
    ("[1 2]", 1, 4, "',' or ']'", "'2'"),
    (#"{"a":1,}"#, 1, 8, "a member name in double quotes after ','", "'}'"),
    (#"{"a" 1}"#, 1, 6, "':' after the member name", "'1'"),
    (#"{"a":}"#, 1, 6, "a value", "'}'"),
    (#"{"a":1 "b":2}"#, 1, 8, "',' or '}'", "'\"'"),
    ("{a:1}", 1, 2, "a member name in double quotes or '}'", "'a'"),
    ("{'a':1}", 1, 2, "a member name in double quotes or '}'", "a single quote"),
    ("{1:1}", 1, 2, "a member name in double quotes or '}'", "'1'"),
    ("{\n  \"a\": 1,\n  \"b\": tru\n}", 3, 11, "'true'", "'U+000A'"),
    ("{} {}", 1, 4, "nothing after the value", "'{'"),
    ("nul", 1, 4, "'null'", "the end of the text"),
    ("NaN", 1, 1, "a JSON value", "'N'"),
    ("True", 1, 1, "a JSON value", "'T'"),
    ("+1", 1, 1, "a JSON value", "'+'"),
    (".5", 1, 1, "a JSON value", "'.'"),
    ("01", 1, 2, "no digit after a leading 0", "'1'"),
    ("-01", 1, 3, "no digit after a leading 0", "'1'"),
    ("1.", 1, 3, "a digit", "the end of the text"),
    ("[1.e1]", 1, 4, "a digit", "'e'"),
    ("1e", 1, 3, "a digit", "the end of the text"),
    ("1e+", 1, 4, "a digit", "the end of the text"),
    ("-", 1, 2, "a digit", "the end of the text"),
    ("0x10", 1, 2, "nothing after the value", "'x'"),
    ("1_000", 1, 2, "nothing after the value", "'_'"),
    ("[-Infinity]", 1, 3, "a digit", "'I'"),
    ("\"a", 1, 3, "'\"' at the end of the string", "the end of the text"),
    (#"["\x41"]"#, 1, 4, "one of \" \\ / b f n r t u after '\\'", "'x'"),
    (#"["\u12G4"]"#, 1, 7, "four hexadecimal digits after '\\u'", "'G'"),
    (#"["\u12"#, 1, 7, "four hexadecimal digits after '\\u'", "the end of the text"),
    ("[\"a\tb\"]", 1, 4, "control characters in a string to be written as escapes", "'U+0009'"),
    ("[\"a\nb\"]", 1, 4, "control characters in a string to be written as escapes", "'U+000A'"),
    (#"["\ud800"]"#, 1, 3, "both halves of a surrogate pair (\\ud83d\\ude00)", "one half"),
    (#"["\udc00"]"#, 1, 3, "both halves of a surrogate pair (\\ud83d\\ude00)", "one half"),
    (#"["\ud800\ud800"]"#, 1, 3, "both halves of a surrogate pair (\\ud83d\\ude00)", "one half"),
    (#"["\ud800x"]"#, 1, 3, "both halves of a surrogate pair (\\ud83d\\ude00)", "one half"),
    ("[1] // one", 1, 5, "nothing after the value", "a comment, which JSON does not have"),
    ("[/* one */ 1]", 1, 2, "a value or ']'", "a comment, which JSON does not have"),
    ("\u{FEFF}{}", 1, 1, "a JSON value", "'U+FEFF'"),
    ("[\u{A0}1]", 1, 2, "a value or ']'", "'\u{A0}'"),
    ("[\u{0C}1]", 1, 2, "a value or ']'", "'U+000C'"),
    ("[\"é😀\" x]", 1, 7, "',' or ']'", "'x'"),
  ])
  func namesThePlaceWhereItStopsBeingJSON(
    text: String, line: Int, column: Int, expected: String, found: String
  ) throws {
    let error = try #require(throws: JSONSyntaxError.self) {
      _ = try JSONReader.value(of: Array(text.utf8))
    }
    #expect(error.place.line == line)
    #expect(error.place.column == column)
    #expect(error.expected == expected)
    #expect(error.found == found)
  }

  @Test(
    arguments: [
      [0x80], [0xBF], [0xC0, 0xAF], [0xC1, 0xBF], [0xC3], [0xE2, 0x82], [0xE0, 0x80, 0xAF],
      [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xF0, 0x80, 0x80, 0xAF], [0xF0, 0x9F, 0x98],
      [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFE], [0xFF],
    ] as [[UInt8]])
  func refusesWhatIsNotUTF8(bytes: [UInt8]) throws {
    let text = Array("[\"ab".utf8) + bytes + Array("\"]".utf8)
    let error = try #require(throws: JSONSyntaxError.self) { _ = try JSONReader.value(of: text) }
    #expect(error.expected == "UTF-8")
    #expect(error.place.column == 5)
    #expect(error.found.hasPrefix("the byte 0x"))
  }

  @Test(arguments: [
    #"{"a":1,"a":1}"#, #"{"a":1,"\u0061":1}"#, #"{"x":{"b":1,"c":{},"b":2}}"#,
    #"{"\n":1,"\u000a":1}"#, #"{"😀":1,"\ud83d\ude00":1}"#, "{\"\u{E9}\":1,\"e\u{301}\":2}",
    #"{"\"":1,"\u0022":1}"#, #"{"\/":1,"/":1}"#,
  ])
  func refusesANameThatIsTwiceInOneObject(text: String) throws {
    let error = try #require(throws: JSONSyntaxError.self) {
      _ = try JSONReader.value(of: Array(text.utf8))
    }
    #expect(error.expected == "each name once in an object")
  }

  @Test func theSecondOfTwoNamesIsThePlace() throws {
    let error = try #require(throws: JSONSyntaxError.self) {
      _ = try JSONReader.value(of: Array("{\"id\": 1,\n \"id\": 2}".utf8))
    }
    #expect(
      "\(error)" == "line 2, column 2: expected each name once in an object, found \"id\" again")
  }

  @Test(arguments: ["[", #"{"a":"#])
  func nestsToTheLimitAndNoDeeper(opening: String) throws {
    let closing = opening == "[" ? "]" : "}"
    func nested(_ depth: Int) -> [UInt8] {
      let text =
        String(repeating: opening, count: depth) + "1" + String(repeating: closing, count: depth)
      return Array(text.utf8)
    }
    _ = try JSONReader.value(of: nested(JSONReader.maxDepth))
    let error = try #require(throws: JSONSyntaxError.self) {
      _ = try JSONReader.value(of: nested(JSONReader.maxDepth + 1))
    }
    #expect(error.expected == "at most 64 arrays and objects in one another")
    #expect(throws: JSONSyntaxError.self) { _ = try JSONReader.value(of: nested(200_000)) }
  }

  @Test func arraysBesideOneAnotherDoNotCountAsDepth() throws {
    let text = "[" + Array(repeating: "[]", count: 1_000).joined(separator: ",") + "]"
    _ = try JSONReader.value(of: Array(text.utf8))
  }
}
