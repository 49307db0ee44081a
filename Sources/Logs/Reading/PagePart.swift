/// One file of a log as it was when a page was asked for: what has been written since, and a
/// rotation, make no difference to who reads it.
struct PagePart {
  private let segment: Segment
  let open: OpenFile
  let index: LineIndex
  /// The lines that are wanted, counted from the beginning of the file.
  let lines: Range<Int>
  /// The number of the first of them; nil if lines have none.
  let number: Int?
  /// The last beginning of a line that is known at or before the first one that is wanted.
  let start: LineIndex.Mark
  /// The offset up to which it is certain that all wanted lines end.
  let end: Int
  private let generation: Int

  /// Takes over one use of an open file.
  ///
  /// - Parameter isNumbered: whether lines have numbers.
  init(_ segment: Segment, _ open: OpenFile, lines: Range<Int>, isNumbered: Bool) {
    self.lines = lines
    number = isNumbered ? segment.first.map { $0 + lines.lowerBound } : nil
    self.segment = segment
    self.open = open
    index = segment.index
    start = index.floor(of: lines.lowerBound)
    end = index.ceiling(of: lines.upperBound)
    generation = segment.generation
  }

  /// The same for lines that were found without the index, which then is not that of the whole
  /// file.
  ///
  /// - Parameters:
  ///   - offset: where the first line begins.
  ///   - end: where the last one ends.
  ///   - count: how many there are.
  ///   - number: of the first line; nil if lines have none.
  init(
    _ segment: Segment, _ open: OpenFile, from offset: Int, upTo end: Int, lines count: Int,
    number: Int?
  ) {
    lines = 0..<count
    self.number = number
    self.segment = segment
    self.open = open
    index = segment.index
    start = LineIndex.Mark(line: 0, offset: offset)
    self.end = end
    generation = segment.generation
  }

  /// Where the bytes lie that are read for it.
  var bytes: Range<Int> { start.offset..<end }

  /// Whether its first bytes have been read.
  func isServed(by ahead: ReadAhead) -> Bool {
    ahead.serves(bytes, of: segment, generation: generation)
  }

  /// Whether the bytes that were there still are.
  var isIntact: Bool { segment.generation == generation }
}

/// How the reading of a page ends.
enum PageEnd: Error {
  case page(LogPage)
  case failure(LogFailure)
  /// The files are not what they were when the page was planned: it has to be planned again.
  case changed
}
