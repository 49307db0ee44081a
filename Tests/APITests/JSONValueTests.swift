import Testing

@testable import API

struct JSONValueTests {
  private func value(_ text: String) throws -> JSONValue {
    try JSONReader.value(of: Array(text.utf8))
  }

  @Test func eachKindIsReadAsItIsWritten() throws {
    #expect(try value(" null ") == .null)
    #expect(try value("[true, false]") == .array([.boolean(true), .boolean(false)]))
    #expect(try value("[]") == .array([]) && value("{}") == .object([:]))
    #expect(
      try value(#"{"a": {"b": [1, "c"]}, "": null}"#)
        == .object([
          "a": .object(["b": .array([.number(ExactNumber("1")), .string("c")])]), "": .null,
        ]))
  }

  @Test(arguments: [
    (#""""#, ""), (#""a b""#, "a b"), (#""é€😀""#, "é€😀"),
    (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"), (#""\u0000\u00e9\uD83D\ude00x""#, "\0é😀x"),
    (#""\\u0041""#, "\\u0041"), (#""\ud83d\ude00\ud83d\ude00""#, "😀😀"),
  ])
  func aStringIsWhatItsEscapesStandFor(text: String, expected: String) throws {
    #expect(try value(text) == .string(expected))
    #expect(try value("{\(text): 1}") == .object([expected: .number(ExactNumber("1"))]))
  }

  @Test(
    arguments: [
      ("0", "0", 0), ("-0", "0", 0), ("0.000", "0", 0), ("0e5", "0", 0), ("7", "7", 7),
      ("-7", "-7", -7), ("100", "100", 100), ("1e2", "100", 100), ("1E+2", "100", 100),
      ("100e-2", "1", 1), ("1.50e1", "15", 15), ("5.0", "5", 5), ("5.10", "5.1", nil),
      ("0.5e1", "5", 5), ("1e-3", "0.001", nil), ("-12.5", "-12.5", nil),
      ("12345e-3", "12.345", nil), ("3.0000000000000000001", "3.0000000000000000001", nil),
      ("9223372036854775807", "9223372036854775807", Int.max),
      ("-9223372036854775808", "-9223372036854775808", Int.min),
      ("9223372036854775808", "9223372036854775808", nil),
      ("1e30", "1000000000000000000000000000000", nil),
    ] as [(String, String, Int?)])
  func aNumberIsExact(text: String, plain: String, whole: Int?) throws {
    guard case .number(let number) = try value(text) else {
      Issue.record("'\(text)' is no number")
      return
    }
    #expect(number.json == text && number.text == plain && number.whole == whole)
    #expect(!number.isVast)
  }

  @Test(
    arguments: [
      ("0", Duration.zero), ("-0", .zero), ("1", .seconds(1)), ("0.5", .milliseconds(500)),
      ("1e-9", .nanoseconds(1)), ("1e-10", .zero), ("5e-10", .nanoseconds(1)),
      ("0.1234567894", .nanoseconds(123_456_789)), ("0.1234567895", .nanoseconds(123_456_790)),
      ("0.9999999999", .seconds(1)), ("1.5e3", .seconds(1500)), ("-1", nil), ("-0.001", nil),
      ("4611686018427387903", .seconds(4_611_686_018_427_387_903)), ("4611686018427387904", nil),
      ("1e30", nil), ("1e400", nil),
    ] as [(String, Duration?)])
  func secondsAreExactToTheNanosecond(text: String, expected: Duration?) {
    #expect(ExactNumber(text).seconds == expected)
  }

  @Test(arguments: [
    "1e400", "-1e400", "1e-400", "1e99999999999999999999", "1e-99999999999999999999",
    String(repeating: "9", count: 5_000), "0.\(String(repeating: "0", count: 5_000))1",
  ])
  func aNumberBeyondAllBoundsIsNoNumberToUse(text: String) throws {
    let number = ExactNumber(text)
    #expect(number.isVast && number.whole == nil && number.seconds == nil)
    #expect(number.text.count <= 65, "it is shown cut")
    #expect(try value("{\"a\": [\(text)]}").hasVastNumber)
    #expect(JSONValue.number(number).kind == "a number beyond all bounds")
  }

  @Test(arguments: ["0e99999999999999999999", "-0.0e-99999999999999999999"])
  func zeroIsZeroWhateverItsExponent(text: String) {
    let number = ExactNumber(text)
    #expect(!number.isVast && number.whole == 0 && number.seconds == .zero && number.text == "0")
  }

  @Test func whatIsWrittenIsReadBack() throws {
    let text =
      #"{"":null,"a":[1e2,-0.50,true,false,"\u0000\"é😀"],"b":{"c":{}},"d":123456789012345678901}"#
    let first = try value(text)
    var writer = JSONWriter()
    writer.value(first)
    #expect(try JSONReader.value(of: writer.bytes) == first)
    #expect(String(decoding: writer.bytes, as: UTF8.self).contains("1e2,-0.50"))
  }
}
