import ExeioDaemon
import Foundation
import Testing
import UV

/// What `EnvironmentFile=` of systemd.exec(5) makes of a file, and what is refused.
struct EnvironmentFileTests {
  @Test func aByteOrderMarkIsPassedOver() throws {
    let bytes: [UInt8] = [0xEF, 0xBB, 0xBF] + Array("FOO=bar\n".utf8)
    #expect(try EnvironmentFile(bytes).variables == ["FOO": "bar"])
  }

  private func read(_ text: String) throws -> [String: String] {
    let variables = try EnvironmentFile(Array(text.utf8)).variables
    return Dictionary(uniqueKeysWithValues: variables.map { ("\($0.key)", "\($0.value)") })
  }

  @Test(arguments: [
    ("", [:]),
    ("A=1", ["A": "1"]),
    ("A=1\nB=2\n", ["A": "1", "B": "2"]),
    ("A=1\nA=2\n", ["A": "2"]),
    ("\n\n  \t\nA=1\n\n", ["A": "1"]),
    ("# A=1\n; B=2\n  # C=3\nD=4\n", ["D": "4"]),
    // What ends in a backslash ends there, in a comment.
    ("# A=1 \\\nB=2\n", ["B": "2"]),
    ("A=1 # no comment\n", ["A": "1 # no comment"]),
    ("  A  =  1 2  \n", ["A": "1 2"]),
    ("A=\nB=  \nC=", ["A": "", "B": "", "C": ""]),
    ("A=a=b==\n", ["A": "a=b=="]),
    ("A=1\r\nB=2\r\n", ["A": "1", "B": "2"]),
    ("_a1=x\n", ["_a1": "x"]),
    ("A=ü€\n", ["A": "ü€"]),
  ])
  func linesAreNamesAndValues(text: String, expected: [String: String]) throws {
    #expect(try read(text) == expected)
  }

  @Test(arguments: [
    ("A=\"x y\"", "x y"),
    ("A='x y'", "x y"),
    ("A=\"  x  \"  ", "  x  "),
    ("A='a' 'b'", "ab"),
    ("A=\"a\"'b'c", "abc"),
    ("A=\"\"", ""),
    // In the middle of a value a quote is a character.
    ("A=it's \"so\"", "it's \"so\""),
    ("A=\"two\nlines\"\n", "two\nlines"),
    ("A='two\nlines'\n", "two\nlines"),
    ("A=\"#\"", "#"),
    ("A=\"$HOME `x`\"", "$HOME `x`"),
    ("A=$HOME", "$HOME"),
  ])
  func quotesKeepWhatIsInThem(text: String, value: String) throws {
    #expect(try read(text) == ["A": value])
  }

  @Test(arguments: [
    ("A=x\\\ny", "xy"),
    ("A=x \\\n  y", "x   y"),
    ("A=\\  x", "  x"),
    ("A=x\\ ", "x "),
    ("A=x \\", "x "),
    ("A=\\n\\t", "nt"),
    ("A=\\\"x\\\"", "\"x\""),
    ("A=c:\\\\dir", "c:\\dir"),
    ("A=\"\\\"\\\\\\$\\`\"", "\"\\$`"),
    ("A=\"\\n\\x\"", "\\n\\x"),
    ("A=\"x\\\ny\"", "xy"),
    ("A='\\n\\\\'", "\\n\\\\"),
  ])
  func aBackslashTakesTheMeaningFromWhatFollows(text: String, value: String) throws {
    #expect(try read(text) == ["A": value])
  }

  @Test(arguments: [
    ("A=1\nB\n", 2, "there is no '=' in it"),
    ("A", 1, "there is no '=' in it"),
    (
      "\n\nexport A=1\n", 3,
      "a name must be of A-Z, a-z, 0-9 and _, not beginning with a digit, and 'export' is no part of it"
    ),
    ("=1", 1, "a name must be of A-Z, a-z, 0-9 and _, not beginning with a digit"),
    ("1A=1", 1, "a name must be of A-Z, a-z, 0-9 and _, not beginning with a digit"),
    ("A-B=1", 1, "a name must be of A-Z, a-z, 0-9 and _, not beginning with a digit"),
    ("A=1\nB=\"x\nC=3\n", 2, "a quote is not closed"),
    ("A='", 1, "a quote is not closed"),
    ("A=x\\\ny\n\nB\n", 4, "there is no '=' in it"),
    ("A=1\nB=\0\n", 2, "there is a NUL in it"),
  ])
  func whatSystemdPassesOverIsAnErrorThatNamesTheLine(text: String, line: Int, reason: String) {
    do throws(EnvironmentFile.Malformed) {
      let file = try EnvironmentFile(Array(text.utf8))
      Issue.record("it was read: \(file.variables)")
    } catch {
      #expect(error.line == line)
      #expect(error.reason == reason)
    }
  }

  @Test func theExampleOfTheManualIsReadAsItSays() throws {
    let root = URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let page = try String(
      contentsOf: root.appendingPathComponent("docs/environment.md"), encoding: .utf8)
    let start = try #require(page.firstRange(of: "# a comment, as is what begins with ;\n"))
    let end = try #require(page[start.upperBound...].firstRange(of: "```"))
    #expect(
      try read(String(page[start.lowerBound..<end.lowerBound])) == [
        "NAME": "blanks around a name and a value do not count",
        "QUOTED": " in quotes they do, and quoted parts are joined",
        "DOUBLE": #"" \ $ and ` are one character each, other backslashes stay"#,
        "SINGLE": #"nothing is special here: \n"#,
        "LONG": "a backslash at the end joins the next line",
      ])
  }

  @Test func aVariableIsAsLongAsAProcessCanTakeIt() throws {
    let longest = String(repeating: "x", count: 131_069)
    #expect(try read("A=\(longest)") == ["A": longest])
    let wanted = EnvironmentFile.Malformed(line: 2, reason: "it takes more than 131071 bytes")
    #expect(throws: wanted) { try read("\nA=\(longest)x") }
  }

  @Test func aValueThatIsNoUTF8KeepsItsBytesAndANameMustBeASCII() throws {
    let file = try EnvironmentFile(Array("A=".utf8) + [0xFF, 0x20, 0xE9] + Array("\nB=1".utf8))
    #expect(file.variables["A"]?.bytes == [0xFF, 0x20, 0xE9])
    #expect(file.variables["B"] == "1")
    #expect(throws: EnvironmentFile.Malformed.self) {
      try EnvironmentFile([0xFF] + Array("A=1".utf8))
    }
  }

  @Test func anyBytesAreReadOrRefused() {
    var state: UInt64 = 42
    let alphabet = Array("A=\"'\\ \n\r#;\t$xé\0".utf8)
    for _ in 0..<20_000 {
      let bytes = (0..<12).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return alphabet[Int(state >> 33) % alphabet.count]
      }
      do throws(EnvironmentFile.Malformed) {
        for (name, value) in try EnvironmentFile(bytes).variables {
          #expect(!name.bytes.isEmpty && !name.bytes.contains(61) && !value.bytes.contains(0))
        }
      } catch {
        #expect(error.line >= 1 && error.line <= 13)
      }
    }
  }
}
