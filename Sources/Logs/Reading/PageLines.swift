import Basics

/// The lines of a page while they are gathered, oldest first, in one piece of memory.
struct PageLines {
  /// What a page may have in bytes: its answer is held in memory as a whole.
  private static let limit = 8 * 1024 * 1024

  private var bytes: [UInt8] = []
  private var ends: [Int] = []
  private var numbers: [Int] = []

  /// Makes room, so that a large page is not copied again and again as it grows.
  mutating func reserve(_ count: Int) {
    bytes.reserveCapacity(min(count, Self.limit))
  }

  /// Appends some of a line, or all of it.
  mutating func append(_ start: UnsafeRawPointer, _ length: Int) throws(LogFailure) {
    guard bytes.count + length <= Self.limit else {
      throw LogFailure(
        message: "This page has more than 8 MiB of log: ask for a smaller page_size.",
        cause: .question)
    }
    bytes.append(contentsOf: UnsafeRawBufferPointer(start: start, count: length))
  }

  /// Ends the line.
  ///
  /// - Parameter number: of the line; nil if lines have none.
  mutating func endLine(_ number: Int?) {
    ends.append(bytes.count)
    if let number { numbers.append(number) }
  }

  /// Whether a line was begun and not ended.
  var isInLine: Bool { bytes.count > (ends.last ?? 0) }

  /// The lines in the order asked for.
  ///
  /// - Parameters:
  ///   - total: how many lines are asked for with all pages.
  ///   - epoch: of the numbers; nil if lines have none.
  func page(_ query: LogQuery, of total: Int?, in epoch: UInt32?) -> LogPage {
    var lines: [ArraySlice<UInt8>] = []
    lines.reserveCapacity(ends.count)
    var start = 0
    for end in ends {
      lines.append(bytes[start..<end])
      start = end
    }
    if query.newestFirst { lines.reverse() }
    return LogPage(totalLines: total, lines: lines, numbers: numbers(query, of: total, in: epoch))
  }

  private func numbers(
    _ query: LogQuery, of total: Int?, in epoch: UInt32?
  ) -> PageNumbers? {
    guard let epoch, let total, !numbers.isEmpty, numbers.count == ends.count else { return nil }
    return PageNumbers(
      epoch: epoch, all: query.newestFirst ? numbers.reversed() : numbers,
      areOlderOnes: query.range(of: total).lowerBound > 0)
  }
}
