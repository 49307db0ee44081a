/// One file of a log as it was when a page was asked for: what has been written since, and a
/// rotation, make no difference to who reads it.
struct PagePart {
  private let segment: Segment
  let open: OpenFile
  let index: LineIndex
  /// The lines that are wanted, counted from the beginning of the file.
  let lines: Range<Int>
  private let generation: Int

  /// Takes over one use of an open file.
  init(_ segment: Segment, _ open: OpenFile, lines: Range<Int>) {
    self.lines = lines
    self.segment = segment
    self.open = open
    index = segment.index
    generation = segment.generation
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
