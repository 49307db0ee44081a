import UV

/// Looks through whole files for lines that match: counts them block by block, then reads those
/// blocks again that have lines of the page. So it takes one buffer, however many lines match.
final class LogSearch {
  /// Some whole lines in which some match.
  private struct Block {
    let part: Int
    let offset: Int
    let length: Int
    /// How many lines of the file there are before it.
    let firstLine: Int
    let matches: Int
  }

  private let parts: [PagePart]
  private let filter: LineFilter
  private let query: LogQuery
  private let epoch: UInt32?
  private let reader: BlockReader
  private let isPresent: () -> Bool
  private let then: (PageEnd) -> Void
  private var blocks: [Block] = []
  private var total = 0
  private var gathered = PageLines()

  /// - Parameter epoch: of the numbers of the lines, if they have some.
  init(
    _ parts: [PagePart], _ filter: LineFilter, _ query: LogQuery, _ buffers: BufferPool,
    in epoch: UInt32?,
    isPresent: @escaping () -> Bool, then: @escaping (PageEnd) -> Void
  ) {
    self.isPresent = isPresent
    self.parts = parts
    self.filter = filter
    self.query = query
    self.epoch = epoch
    self.then = then
    reader = BlockReader(buffers)
  }

  func begin() { count(in: 0) }

  private func finish(_ end: PageEnd) {
    reader.end()
    then(end)
  }

  /// Counts the matches in a file, and goes on with the next one.
  private func count(in number: Int) {
    guard number < parts.count else { return gather() }
    let start = parts[number].start
    count(in: number, at: start.offset, line: start.line)
  }

  /// Counts the matches in the block that begins there, and goes on with the next one.
  ///
  /// - Parameter line: how many lines of the file there are before it.
  private func count(in number: Int, at offset: Int, line: Int) {
    let part = parts[number]
    guard offset < part.end else { return count(in: number + 1) }
    guard isPresent() else { return finish(.failure(.readerGone)) }
    reader.readLines(of: part, from: offset, upTo: part.end) { [self] result in
      switch result {
      case .failure(let end): finish(end)
      case .success(let bytes):
        let lines = Newlines.count(bytes.start, bytes.length)
        let matches = matches(in: bytes, lines: line..<(line + lines + 1), of: part)
        if matches > 0 {
          blocks.append(
            Block(
              part: number, offset: offset, length: bytes.length, firstLine: line,
              matches: matches))
          total += matches
        }
        count(in: number, at: offset + bytes.length, line: line + lines)
      }
    }
  }

  /// - Parameter lines: that the bytes may have, counted from the beginning of the file.
  private func matches(
    in bytes: BlockReader.Lines, lines: Range<Int>, of part: PagePart
  ) -> Int {
    var matches = 0
    if lines.lowerBound >= part.lines.lowerBound, lines.upperBound <= part.lines.upperBound + 1 {
      filter.forEachMatch(in: bytes.start, bytes.length) { _, _ in matches += 1 }
    } else {
      forEachMatch(in: bytes, from: lines.lowerBound, of: part) { _, _, _ in matches += 1 }
    }
    return matches
  }

  /// Calls `body` with the beginning, the end and the place in the file of each line that matches
  /// and is wanted.
  ///
  /// - Parameter firstLine: how many lines of the file there are before the bytes.
  private func forEachMatch(
    in bytes: BlockReader.Lines, from firstLine: Int, of part: PagePart,
    _ body: (_ start: Int, _ end: Int, _ line: Int) -> Void
  ) {
    var (line, counted) = (firstLine, 0)
    filter.forEachMatch(in: bytes.start, bytes.length) { start, end in
      line += Newlines.count(bytes.start + counted, start - counted)
      counted = start
      if part.lines.contains(line) { body(start, end, line) }
    }
  }

  private func gather() {
    gather(from: 0, first: 0, query.range(of: total))
  }

  /// - Parameters:
  ///   - number: the block that is next.
  ///   - first: how many matches there are in the blocks before it.
  ///   - range: the matches that are on the page.
  private func gather(from number: Int, first: Int, _ range: Range<Int>) {
    var number = number
    var first = first
    while number < blocks.count, first + blocks[number].matches <= range.lowerBound {
      first += blocks[number].matches
      number += 1
    }
    guard number < blocks.count, first < range.upperBound else {
      return finish(.page(gathered.page(query, of: total, in: epoch)))
    }
    guard isPresent() else { return finish(.failure(.readerGone)) }
    let block = blocks[number]
    let end = block.offset + block.length
    reader.readLines(of: parts[block.part], from: block.offset, upTo: end) { [self] result in
      switch result {
      case .failure(let end): finish(end)
      case .success(let bytes):
        do throws(LogFailure) {
          try take(bytes, of: block, first: first, range)
        } catch {
          return finish(.failure(error))
        }
        gather(from: number + 1, first: first + block.matches, range)
      }
    }
  }

  private func take(
    _ bytes: BlockReader.Lines, of block: Block, first: Int, _ range: Range<Int>
  ) throws(LogFailure) {
    let part = parts[block.part]
    var number = first
    var failure: LogFailure?
    forEachMatch(in: bytes, from: block.firstLine, of: part) { start, end, line in
      defer { number += 1 }
      guard failure == nil, range.contains(number) else { return }
      do throws(LogFailure) {
        try gathered.append(bytes.start + start, end - start)
        gathered.endLine(part.number.map { $0 + line - part.lines.lowerBound })
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
  }
}
