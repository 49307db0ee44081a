import UV

/// Looks through whole files for lines that match: counts them block by block, then reads those
/// blocks again that have lines of the page. So it takes one buffer, however many lines match.
final class LogSearch {
  /// Some whole lines in which some match.
  private struct Block {
    let part: Int
    let offset: Int
    let length: Int
    let matches: Int
  }

  private let parts: [PagePart]
  private let filter: LineFilter
  private let query: LogQuery
  private let reader: BlockReader
  private let isPresent: () -> Bool
  private let then: (PageEnd) -> Void
  private var blocks: [Block] = []
  private var total = 0
  private var gathered = PageLines()

  init(
    _ parts: [PagePart], _ filter: LineFilter, _ query: LogQuery, _ buffers: BufferPool,
    isPresent: @escaping () -> Bool, then: @escaping (PageEnd) -> Void
  ) {
    self.isPresent = isPresent
    self.parts = parts
    self.filter = filter
    self.query = query
    self.then = then
    reader = BlockReader(buffers)
  }

  func begin() {
    count(in: 0, at: 0)
  }

  private func finish(_ end: PageEnd) {
    reader.end()
    then(end)
  }

  /// Counts the matches in the block that begins there, and goes on with the next one.
  private func count(in number: Int, at offset: Int) {
    guard number < parts.count else { return gather() }
    let part = parts[number]
    guard offset < part.index.size else { return count(in: number + 1, at: 0) }
    guard isPresent() else { return finish(.failure(.readerGone)) }
    reader.readLines(of: part, from: offset, upTo: part.index.size) { [self] result in
      switch result {
      case .failure(let end): finish(end)
      case .success(let bytes):
        var matches = 0
        filter.forEachMatch(in: bytes.start, bytes.length) { _, _ in matches += 1 }
        if matches > 0 {
          blocks.append(
            Block(part: number, offset: offset, length: bytes.length, matches: matches))
          total += matches
        }
        count(in: number, at: offset + bytes.length)
      }
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
      return finish(.page(gathered.page(of: total, newestFirst: query.newestFirst)))
    }
    guard isPresent() else { return finish(.failure(.readerGone)) }
    let block = blocks[number]
    let end = block.offset + block.length
    reader.readLines(of: parts[block.part], from: block.offset, upTo: end) { [self] result in
      switch result {
      case .failure(let end): finish(end)
      case .success(let bytes):
        do throws(LogFailure) {
          try take(bytes, first: first, range)
        } catch {
          return finish(.failure(error))
        }
        gather(from: number + 1, first: first + block.matches, range)
      }
    }
  }

  private func take(
    _ bytes: BlockReader.Lines, first: Int, _ range: Range<Int>
  ) throws(LogFailure) {
    var number = first
    var failure: LogFailure?
    filter.forEachMatch(in: bytes.start, bytes.length) { start, end in
      defer { number += 1 }
      guard failure == nil, range.contains(number) else { return }
      do throws(LogFailure) {
        try gathered.append(bytes.start + start, end - start)
        gathered.endLine()
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
  }
}
