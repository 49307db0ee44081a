import UV

/// Finds the lines of a page from the newest one on, by reading the files from their end: for a log
/// whose index is not made yet.
final class PageLocator {
  /// How much is read at the most. The longest page has half of it; what has more waits for the
  /// index.
  private static let limit = 16 * 1024 * 1024
  /// So much is read at first: most pages have less.
  private static let firstPiece = 64 * 1024

  /// How the search ends.
  enum End {
    /// The parts that have the lines, oldest first, and how many lines there are, where all of them
    /// were seen.
    case found([PagePart], total: Int?)
    case tooLong
    case other(PageEnd)
  }

  private let files: [(segment: Segment, open: OpenFile)]
  private let areAll: Bool
  private let sizes: [Int]
  private let tallies: [LineTally]
  /// The number of the first line behind each file; nil if lines have none.
  private let next: [Int?]
  private let generations: [Int]
  private let buffers: BufferPool
  private let buffer: ByteBuffer
  private let isPresent: () -> Bool
  private let then: (End) -> Void

  /// How many lines are left to be passed over, and to be passed over and taken.
  private var skip: Int
  private var need: Int
  /// Of the file that is being read: how many lines end in what was read, and where the newest one
  /// that is wanted ends.
  private var ends = 0
  private var wantedEnd: Int?
  /// Whether its last line lacks its newline.
  private var endsTorn = false
  private var found: [PagePart] = []
  private var total = 0
  private var readBytes = 0

  /// - Parameters:
  ///   - files: newest first, each with one use.
  ///   - areAll: whether the log has no others.
  ///   - areNumbered: whether lines have numbers; all have been counted then.
  init(
    _ files: [(segment: Segment, open: OpenFile)], areAll: Bool, areNumbered: Bool,
    skipping skip: Int, taking count: Int,
    _ buffers: BufferPool, isPresent: @escaping () -> Bool, then: @escaping (End) -> Void
  ) {
    self.files = files
    self.areAll = areAll
    sizes = files.map(\.segment.size)
    tallies = files.map(\.segment.tally)
    next = files.map { areNumbered ? $0.segment.next : nil }
    generations = files.map(\.segment.generation)
    self.skip = skip
    need = skip + count
    self.buffers = buffers
    self.isPresent = isPresent
    self.then = then
    buffer = buffers.take(for: BufferPool.large)
  }

  /// The files that are read at the most, newest first.
  ///
  /// - Parameter all: the files of the log that have lines, oldest first.
  static func wanted(of all: [Segment]) -> [Segment] {
    var wanted: [Segment] = []
    var bytes = 0
    for segment in all.reversed() where bytes < limit {
      wanted.append(segment)
      bytes += segment.size
    }
    return wanted
  }

  func begin() {
    beginFile(0)
  }

  private func finish(_ end: End) {
    buffers.giveBack(buffer)
    then(end)
  }

  private func beginFile(_ number: Int) {
    guard number < files.count else {
      return finish(areAll ? .found(found.reversed(), total: total) : .tooLong)
    }
    (ends, wantedEnd, endsTorn) = (0, nil, false)
    read(number, upTo: sizes[number])
  }

  /// Reads the piece that ends there.
  private func read(_ number: Int, upTo end: Int) {
    guard end > 0 else { return endFile(number) }
    guard readBytes < Self.limit else { return finish(.tooLong) }
    let count = min(end, readBytes == 0 ? Self.firstPiece : buffer.capacity)
    let offset = end - count
    files[number].open.file.read(into: buffer, count: count, at: Int64(offset)) { [self] result in
      switch result {
      case .failure(let error):
        finish(.other(.failure(LogFailure(because: error))))
      case .success(let length):
        guard length == count, files[number].segment.generation == generations[number] else {
          return finish(.other(.changed))
        }
        guard isPresent() else { return finish(.other(.failure(.readerGone))) }
        readBytes += count
        look(number, at: offset, count)
      }
    }
  }

  private func look(_ number: Int, at offset: Int, _ count: Int) {
    // A last line without its newline ends with the file.
    if offset + count == sizes[number],
      (buffer.base + count - 1).load(as: UInt8.self) != Newlines.byte
    {
      endsTorn = true
      noteEnd(at: sizes[number])
    }
    var length = count
    while let newline = Newlines.last(buffer.base, length) {
      noteEnd(at: offset + newline + 1)
      if ends > need {
        take(number, from: offset + newline + 1, count: need - skip)
        return finish(.found(found.reversed(), total: nil))
      }
      length = newline
    }
    read(number, upTo: offset)
  }

  /// - Parameter end: behind the newline.
  private func noteEnd(at end: Int) {
    ends += 1
    if ends == skip + 1 { wantedEnd = end }
  }

  /// All of the file was read, and more is wanted.
  private func endFile(_ number: Int) {
    take(number, from: 0, count: ends - skip)
    noteCount(number)
    total += ends
    need -= ends
    skip = max(0, skip - ends)
    beginFile(number + 1)
  }

  /// Notes how many lines of the file have no index, since all of them were seen.
  private func noteCount(_ number: Int) {
    let (segment, tally) = (files[number].segment, tallies[number])
    guard segment.generation == generations[number], segment.unscanned == tally.unscanned else {
      return
    }
    // A last line without its newline that the index knows is none of theirs.
    let isTorn = tally.indexed.bytes == 0 && endsTorn
    segment.note(
      LineCount(
        bytes: tally.unscanned, newlines: ends - (isTorn ? 1 : 0) - tally.indexed.lines,
        endsInNewline: !isTorn))
  }

  private func take(_ number: Int, from start: Int, count: Int) {
    guard count > 0, let wantedEnd else { return }
    let (segment, open) = files[number]
    found.append(
      PagePart(
        segment, open, from: start, upTo: wantedEnd, lines: count,
        number: next[number].map { $0 - skip - count }))
  }
}
