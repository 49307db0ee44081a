import Basics
import Testing

@testable import Logs

/// The file of numbers beside a log, by value.
@Suite struct NumbersFileTests {
  private func entry(
    _ inode: UInt64, _ first: Int, _ bytes: Int, _ lines: Int, torn: Bool = false,
    check: UInt64? = 0xAB
  ) -> NumbersFile.Entry {
    NumbersFile.Entry(
      inode: inode, first: first,
      count: LineCount(
        bytes: bytes, newlines: lines - (torn ? 1 : 0), endsInNewline: !torn), check: check)
  }

  @Test func whatIsWrittenIsReadAgain() throws {
    let file = NumbersFile(
      epoch: 0x7F, next: 48_212,
      entries: [
        entry(1, 1, 900, 30), entry(2, 40, 0, 0, check: nil), entry(3, 40, 70, 7, torn: true),
      ])
    let text = """
      exeio line numbers 1
      epoch 0000007f
      next 48212
      file 1 1 900 30 ab
      file 2 40 0 0 -
      file 3 40 70 7 ab torn

      """
    #expect(file.text == text)
    #expect(NumbersFile(Array(text.utf8)) == file)
    let shown = NumbersFile(epoch: .max, next: nil, entries: [entry(.max, 1, 1 << 52, 1)])
    #expect(NumbersFile(Array(shown.text.utf8)) == shown)
  }

  @Test(arguments: [
    "", "\n", "exeio line numbers 1\n", "exeio line numbers 2\nepoch 0000007f\nnext 1\n",
    "exeio line numbers 1\nepoch 7f\nnext 1\n", "exeio line numbers 1\nepoch 0000007f\n",
    "exeio line numbers 1\nepoch 0000007f\nnext 1",
    "exeio line numbers 1\nepoch 0000007f\nnext 0\n",
    "exeio line numbers 1\nepoch 0000007f\nnext -1\n",
    "exeio line numbers 1\nepoch 0000007f\nnext 1\nnext 2\n",
    "exeio line numbers 1\nepoch 0000007f\nnext 9007199254740993\n",
    "exeio line numbers 1\nepoch 0000007f\nnext 99999999999999999999\n",
    "exeio line numbers 1\nepoch 0000007f\nfile 1 0 1 1 0\n",
    "exeio line numbers 1\nepoch 0000007f\nfile 1 1 1 2 0\n",
    "exeio line numbers 1\nepoch 0000007f\nfile 1 1 0 0 0 torn\n",
    "exeio line numbers 1\nepoch 0000007f\nfile 1 1 1 1 0 whole\n",
    "exeio line numbers 1\nepoch 0000007f\nfile 1 9007199254740992 9 9 0\n",
    "exeio line numbers 1\nepoch 0000007f\nnext 3\nfile 1 1 90 9 0\n",
    "exeio line numbers 1\nepoch 0000007f\nfile 1 5 90 9 0\nfile 2 13 90 9 0\n",
    "exeio line numbers 1\nepoch 0000007f\nfile 1 1 9 1\n",
    "exeio line numbers 1\nepoch 0000007f\nfile 1 1 9 1 x\n",
    "exeio line numbers 1\nepoch 0000007f\nnext 1\n\n",
  ])
  func whatSaysNothingOrWhatCannotBeIsLost(text: String) {
    #expect(NumbersFile(Array(text.utf8)) == nil)
  }

  @Test func theNumberBehindAFileIsABoundWhereItsLinesAreNotCounted() {
    var tally = LineTally(
      counted: LineCount(bytes: 10, newlines: 2, endsInNewline: true), unscanned: 100,
      indexed: LineCount(bytes: 9, newlines: 3, endsInNewline: true))
    #expect(tally.whole == nil && tally.known.bytes == 10)
    #expect(tally.mostLines == 2 + 90 + 3 + 1)
    tally.counted = LineCount(bytes: 100, newlines: 20, endsInNewline: false)
    // The first newline behind them ends their last line.
    #expect(tally.whole == LineCount(bytes: 109, newlines: 23, endsInNewline: true))
    #expect(tally.mostLines == 23 && tally.known.bytes == 109)
  }

  @Test func whatAFileHasLostTakesItsNumbersWithIt() {
    let segment = Segment(FileIdentity(device: 1, inode: 2), unscanned: 0)
    segment.first = 5
    Array("a\nb\n".utf8).withUnsafeBytes { segment.append($0.baseAddress!, $0.count) }
    #expect(segment.next == 7)
    segment.reset(toSize: 9)
    #expect(segment.first == 5 && segment.lines == nil && segment.next == 7 + 5 + 1)
    segment.note(LineCount(bytes: 9, newlines: 4, endsInNewline: true))
    #expect(segment.next == 9)
    segment.reset(toSize: 0)
    #expect(segment.first == 9 && segment.next == 9)
  }

  @Test func numbersFitWhereEachFileBeginsBehindTheOneBefore() {
    func segment(_ first: Int?, lines: Int) -> Segment {
      let segment = Segment(.none, unscanned: 0)
      segment.first = first
      let bytes = [UInt8](repeating: Newlines.byte, count: lines)
      bytes.withUnsafeBytes { bytes in
        if let start = bytes.baseAddress { segment.append(start, bytes.count) }
      }
      return segment
    }
    #expect(LogNumbering.fits([segment(1, lines: 3), segment(4, lines: 2), segment(9, lines: 0)]))
    #expect(LogNumbering.fits([segment(nil, lines: 0), segment(4, lines: 2)]))
    #expect(!LogNumbering.fits([segment(nil, lines: 1), segment(4, lines: 2)]))
    #expect(!LogNumbering.fits([segment(1, lines: 4), segment(4, lines: 2)]))
    #expect(!LogNumbering.fits([segment(1, lines: 4), segment(4, lines: 0)]))
  }
}
