extension LogQuery {
  /// Which of so many lines are on the page, counted from 0 at the oldest; empty past the end.
  func range(of total: Int) -> Range<Int> {
    let (before, overflow) = (page - 1).multipliedReportingOverflow(by: pageSize)
    guard !overflow, before < total else { return 0..<0 }
    let count = min(pageSize, total - before)
    return newestFirst ? (total - before - count)..<(total - before) : before..<(before + count)
  }

  /// How many lines from the newest one on are passed over for the page, if it may be read from the
  /// end of the files: with the page they are as many as a page may have.
  var skippedFromEnd: Int? {
    let (last, overflow) = page.multipliedReportingOverflow(by: pageSize)
    guard newestFirst, filter == nil, !overflow, last <= 10_000 else { return nil }
    return last - pageSize
  }

  /// Whether the page has the newest of so many lines, or would have it if there were any.
  func hasNewestLine(of total: Int?) -> Bool {
    guard !newestFirst, let total, total > 0 else { return page == 1 }
    return range(of: total).upperBound == total && !range(of: total).isEmpty
  }

  /// Whether whole files have to be read for it.
  package var isSearch: Bool { filter != nil }

  /// The filter, if there is one.
  var filter: LineFilter? {
    let bytes = text.map { Array($0.utf8) } ?? []
    return stream == nil && bytes.isEmpty ? nil : LineFilter(stream: stream, text: bytes)
  }
}
