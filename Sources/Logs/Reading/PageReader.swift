import UV

/// Reads the lines of a page, oldest first: of each file the stretch between two marks of its
/// index, a buffer at a time.
final class PageReader {
  private let parts: [PagePart]
  private let total: Int?
  private let query: LogQuery
  private let epoch: UInt32?
  private let buffers: BufferPool
  private let buffer: ByteBuffer
  private let isPresent: () -> Bool
  private let then: (PageEnd) -> Void
  private var gathered = PageLines()
  /// How many of the first bytes are in the buffer already.
  private var readAhead: Int

  /// - Parameters:
  ///   - ahead: has the first bytes, and a buffer that is used on; nil if they are still to be
  ///     read.
  ///   - epoch: of the numbers of the lines, if they have some.
  init(
    _ parts: [PagePart], _ ahead: ReadAhead?, _ query: LogQuery, _ buffers: BufferPool,
    of total: Int?, in epoch: UInt32?,
    isPresent: @escaping () -> Bool, then: @escaping (PageEnd) -> Void
  ) {
    self.parts = parts
    self.isPresent = isPresent
    self.buffers = buffers
    self.total = total
    self.query = query
    self.epoch = epoch
    self.then = then
    buffer = ahead?.buffer ?? buffers.take(for: BufferPool.large)
    readAhead = ahead?.count ?? 0
  }

  func begin() {
    gathered.reserve(parts.reduce(0) { $0 + $1.bytes.count })
    read(part: 0)
  }

  private func finish(_ end: PageEnd) {
    buffers.giveBack(buffer)
    then(end)
  }

  private func read(part number: Int) {
    guard number < parts.count else {
      return finish(.page(gathered.page(query, of: total, in: epoch)))
    }
    let part = parts[number]
    let start = part.start
    read(
      part: number, at: start.offset, skipping: part.lines.lowerBound - start.line,
      taking: part.lines.count)
  }

  /// - Parameters:
  ///   - skipping: how many newlines come before the first line that is wanted.
  ///   - taking: how many lines are wanted from there on.
  private func read(part number: Int, at offset: Int, skipping: Int, taking: Int) {
    guard taking > 0 else { return read(part: number + 1) }
    let part = parts[number]
    let count = min(buffer.capacity, part.end - offset)
    guard count > 0 else {
      // The last line of a file may lack its newline.
      guard taking == 1, skipping == 0, gathered.isInLine else { return finish(.changed) }
      gathered.endLine(Self.number(in: part, before: taking))
      return read(part: number + 1)
    }
    if readAhead > 0 {
      let count = readAhead
      readAhead = 0
      return take(count, part: number, at: offset, skipping: skipping, taking: taking)
    }
    part.open.file.read(into: buffer, count: count, at: Int64(offset)) { [self] result in
      switch result {
      case .failure(let error):
        finish(.failure(LogFailure(because: error)))
      case .success(let count):
        guard isPresent() else { return finish(.failure(.readerGone)) }
        take(count, part: number, at: offset, skipping: skipping, taking: taking)
      }
    }
  }

  /// Takes lines out of what the buffer holds, and reads on.
  private func take(_ count: Int, part number: Int, at offset: Int, skipping: Int, taking: Int) {
    guard count > 0, parts[number].isIntact else { return finish(.changed) }
    var skipping = skipping
    var taking = taking
    do throws(LogFailure) {
      try gather(count, of: parts[number], &skipping, &taking)
    } catch {
      return finish(.failure(error))
    }
    read(part: number, at: offset + count, skipping: skipping, taking: taking)
  }

  /// The number of the line that is followed by one less than so many.
  private static func number(in part: PagePart, before taking: Int) -> Int? {
    part.number.map { $0 + part.lines.count - taking }
  }

  private func gather(
    _ count: Int, of part: PagePart, _ skipping: inout Int, _ taking: inout Int
  ) throws(LogFailure) {
    var at = Newlines.skip(&skipping, buffer.base, count)
    guard skipping == 0 else { return }
    while taking > 0, at < count {
      guard let length = Newlines.first(buffer.base + at, count - at) else {
        return try gathered.append(buffer.base + at, count - at)
      }
      try gathered.append(buffer.base + at, length)
      gathered.endLine(Self.number(in: part, before: taking))
      taking -= 1
      at += length + 1
    }
  }
}
