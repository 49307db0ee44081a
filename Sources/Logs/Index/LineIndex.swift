/// Where the lines of a file begin: a mark every 64 KiB, so that any line is found by reading
/// about that much, at a cost of 16 bytes a mark.
///
/// It is built by showing it the bytes of the file in order, in pieces of any size: the writer
/// shows what it has written, a scan what was there before.
struct LineIndex: Equatable {
  /// The beginning of a line.
  struct Mark: Equatable {
    /// How many lines there are before it.
    let line: Int
    /// How many bytes there are before it.
    let offset: Int
  }

  /// How far marks are apart at least, in bytes.
  static let interval = 64 * 1024

  private var marks: [Mark] = []
  /// Of the bytes that the index has seen.
  private(set) var count = LineCount()

  /// How many bytes the index has seen.
  var size: Int { count.bytes }

  /// How many lines there are; a last one without a newline counts.
  var lines: Int { count.lines }

  /// Shows the index the bytes that follow those it has seen.
  mutating func append(_ bytes: UnsafeRawPointer, _ length: Int) {
    guard length > 0 else { return }
    var at = 0
    while at < length {
      // A line that begins here or later gets the next mark.
      let next = (marks.last?.offset ?? 0) + Self.interval - size
      let search = max(at, next - 1)
      guard search < length else {
        count.newlines += Newlines.count(bytes + at, length - at)
        break
      }
      count.newlines += Newlines.count(bytes + at, search - at)
      guard let newline = Newlines.first(bytes + search, length - search) else { break }
      count.newlines += 1
      at = search + newline + 1
      marks.append(Mark(line: count.newlines, offset: size + at))
    }
    count.bytes += length
    count.endsInNewline = (bytes + length - 1).load(as: UInt8.self) == Newlines.byte
  }

  /// Appends the index of what follows in the same file.
  mutating func append(_ other: LineIndex) {
    marks += other.marks.map { [count] in
      Mark(line: $0.line + count.newlines, offset: $0.offset + count.bytes)
    }
    count.append(other.count)
  }

  /// Takes the piece of a line away that the file has ended with and no longer does.
  mutating func dropTornLine(of length: Int) {
    count.bytes -= length
    count.endsInNewline = true
  }

  /// The last mark at or before a line, counted from 0.
  func floor(of line: Int) -> Mark {
    let above = firstMark { $0.line > line }
    return above > 0 ? marks[above - 1] : Mark(line: 0, offset: 0)
  }

  /// The offset of the first mark at or after a line; the end when there is none.
  func ceiling(of line: Int) -> Int {
    let found = firstMark { $0.line >= line }
    return found < marks.count ? marks[found].offset : size
  }

  /// The first mark of which something is so, that is so of all after it.
  private func firstMark(where isSo: (Mark) -> Bool) -> Int {
    var low = 0
    var high = marks.count
    while low < high {
      let middle = (low + high) / 2
      if isSo(marks[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
