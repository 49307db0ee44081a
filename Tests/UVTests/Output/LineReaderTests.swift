import Testing
import UV

struct LineReaderTests {
  private func lines(of pieces: [UInt8]...) -> [String] {
    var lines: [String] = []
    let reader = LineReader { lines.append($0) }
    for piece in pieces { reader.write(piece.span.bytes) }
    reader.end()
    return lines
  }

  @Test func linesAreCutHoweverTheBytesCome() {
    #expect(lines(of: Array("one\ntwo\r\n\nlast".utf8)) == ["one", "two", "", "last"])
    let bytes = Array("one\ntwo\r\n\nlast".utf8)
    for cut in 0...bytes.count {
      #expect(
        lines(of: Array(bytes[..<cut]), Array(bytes[cut...])) == ["one", "two", "", "last"])
    }
  }

  @Test func nothingIsNoLine() {
    #expect(lines(of: []).isEmpty)
    #expect(lines(of: [10]) == [""])
  }

  @Test func whatIsNotUTF8IsReplaced() {
    #expect(lines(of: [0x61, 0xFF, 0x62, 10]) == ["a\u{FFFD}b"])
  }

  @Test func aLineThatIsTooLongIsCutAndNothingOfItIsLost() {
    let long = [UInt8](repeating: 0x78, count: 2 * LineReader.longest + 5)
    let result = lines(of: long + [10])
    #expect(result.map(\.utf8.count) == [LineReader.longest, LineReader.longest, 5])
    #expect(result.joined() == String(decoding: long, as: UTF8.self))
  }
}
