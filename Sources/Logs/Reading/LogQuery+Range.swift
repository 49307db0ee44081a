import Basics

extension LogQuery {
  /// Whether page 1 has the newest of the lines.
  var pagesFromNewest: Bool {
    switch (before, after) {
    case (_?, nil): true
    case (nil, _?): false
    case (nil, nil), (_?, _?): newestFirst
    }
  }

  /// Whether only lines with some numbers are wanted.
  var isBounded: Bool { before != nil || after != nil }

  /// The numbers of the lines that are wanted.
  var numbers: Range<Int> {
    let start = (after?.number ?? 0) + 1
    return start..<max(start, before?.number ?? .max)
  }

  /// A cursor that is not of an epoch; nil if there is none.
  func outdatedCursor(in epoch: UInt32?) -> LogCursor? {
    [before, after].compactMap(\.self).first { $0.epoch != nil && $0.epoch != epoch }
  }

  /// Which of so many lines are on the page, counted from 0 at the oldest; empty past the end.
  func range(of total: Int) -> Range<Int> {
    let (before, overflow) = (page - 1).multipliedReportingOverflow(by: pageSize)
    guard !overflow, before < total else { return 0..<0 }
    let count = min(pageSize, total - before)
    return pagesFromNewest ? (total - before - count)..<(total - before) : before..<(before + count)
  }

  /// How many lines from the newest one on are passed over for the page, if it may be read from the
  /// end of the files: with the page they are as many as a page may have.
  var skippedFromEnd: Int? {
    let (last, overflow) = page.multipliedReportingOverflow(by: pageSize)
    guard newestFirst, !isBounded, filter == nil, !overflow, last <= 10_000 else { return nil }
    return last - pageSize
  }

  /// Whether the page has the newest of so many lines, or would have it if there were any.
  func hasNewestLine(of total: Int?) -> Bool {
    guard before == nil else { return false }
    guard !pagesFromNewest, let total, total > 0 else { return page == 1 }
    return range(of: total).upperBound == total && !range(of: total).isEmpty
  }

  /// Whether whole files have to be read for it.
  package var isSearch: Bool { filter != nil }

  /// The filter, if there is one.
  var filter: LineFilter? { LineFilter(stream: stream, text: text) }
}
