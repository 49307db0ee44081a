import Basics
import Testing

@testable import Logs

/// Which lines cursors ask for, by value.
@Suite struct CursorTests {
  private func cursor(_ number: Int) -> LogCursor { LogCursor(epoch: nil, number: number) }

  /// A log whose lines have the numbers 11 to 20, 26 to 30, 31 to 33.
  private func plan(_ query: LogQuery) -> (total: Int, numbers: [Int]) {
    let segments = [(11, 10), (26, 5), (31, 3)].map { first, count in
      let segment = Segment(.none, unscanned: 0)
      segment.first = first
      let bytes = [UInt8](repeating: Newlines.byte, count: count)
      bytes.withUnsafeBytes { segment.append($0.baseAddress!, $0.count) }
      return segment
    }
    let plan = PagePlan(query, of: segments)
    return (
      plan.total,
      plan.parts.flatMap { part in part.lines.map { part.segment.first! + $0 } }
    )
  }

  @Test(arguments: [true, false])
  func pageOneIsTheNearestToTheCursor(newestFirst: Bool) {
    var query = LogQuery(page: 1, pageSize: 3, newestFirst: newestFirst, before: cursor(27))
    #expect(plan(query) == (11, [19, 20, 26]))
    query.page = 2
    #expect(plan(query) == (11, [16, 17, 18]))
    query.page = 4
    #expect(plan(query) == (11, [11, 12]))
    query = LogQuery(page: 1, pageSize: 3, newestFirst: newestFirst, after: cursor(19))
    #expect(plan(query) == (9, [20, 26, 27]))
    query.page = 3
    #expect(plan(query) == (9, [31, 32, 33]))
    query = LogQuery(
      page: 1, pageSize: 2, newestFirst: newestFirst, before: cursor(32), after: cursor(18))
    #expect(plan(query) == (8, newestFirst ? [30, 31] : [19, 20]))
  }

  @Test func beyondTheEndsAndBetweenNeighboursThereIsNothing() {
    let queries = [
      LogQuery(page: 1, pageSize: 9, before: cursor(11)),
      LogQuery(page: 1, pageSize: 9, before: cursor(0)),
      LogQuery(page: 1, pageSize: 9, after: cursor(33)),
      LogQuery(page: 1, pageSize: 9, after: cursor(LogCursor.largestNumber)),
      LogQuery(page: 1, pageSize: 9, before: cursor(27), after: cursor(26)),
      LogQuery(page: 1, pageSize: 9, before: cursor(5), after: cursor(30)),
      LogQuery(page: 1, pageSize: 9, text: "x", before: cursor(11)),
    ]
    for query in queries { #expect(plan(query) == (0, []), "\(query)") }
    let all = LogQuery(page: 1, pageSize: 99, after: cursor(0))
    #expect(plan(all).total == 18)
  }

  @Test func partialLinesAreOnThePageThatHasTheNewestLine() {
    #expect(LogQuery(page: 1, pageSize: 2).hasNewestLine(of: 9))
    #expect(!LogQuery(page: 1, pageSize: 2, before: cursor(99)).hasNewestLine(of: 9))
    #expect(!LogQuery(page: 1, pageSize: 2, after: cursor(1)).hasNewestLine(of: 9))
    #expect(LogQuery(page: 5, pageSize: 2, after: cursor(1)).hasNewestLine(of: 9))
    #expect(LogQuery(page: 1, pageSize: 2, after: cursor(99)).hasNewestLine(of: 0))
  }

  @Test func onlyACursorOfAnotherEpochIsOutdated() {
    let other = LogCursor(epoch: 2, number: 1)
    let query = LogQuery(page: 1, pageSize: 1, before: cursor(1), after: other)
    #expect(query.outdatedCursor(in: 2) == nil)
    #expect(query.outdatedCursor(in: 3) == other && query.outdatedCursor(in: nil) == other)
  }
}
