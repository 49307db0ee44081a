import Testing

@testable import Logs

/// Which lines of which files are on a page, by value.
@Suite struct PagePlanTests {
  /// Files of so many lines, the oldest first.
  private func segments(_ counts: Int...) -> [Segment] {
    counts.map { count in
      let segment = Segment(.none, unscanned: 0)
      let bytes = [UInt8](repeating: Newlines.byte, count: count)
      bytes.withUnsafeBytes { segment.append($0.baseAddress!, $0.count) }
      return segment
    }
  }

  private func lines(_ query: LogQuery, _ segments: [Segment]) -> [[Int]] {
    let plan = PagePlan(query, of: segments)
    #expect(plan.total == segments.reduce(0) { $0 + $1.index.lines })
    return plan.parts.map { part in
      [segments.firstIndex { $0 === part.segment }!, part.lines.lowerBound, part.lines.upperBound]
    }
  }

  @Test func aPageMayHaveLinesOfSeveralFiles() {
    let segments = segments(10, 5, 3)
    #expect(lines(LogQuery(page: 1, pageSize: 2), segments) == [[2, 1, 3]])
    #expect(
      lines(LogQuery(page: 1, pageSize: 9), segments) == [[0, 9, 10], [1, 0, 5], [2, 0, 3]])
    #expect(lines(LogQuery(page: 2, pageSize: 9), segments) == [[0, 0, 9]])
    #expect(lines(LogQuery(page: 3, pageSize: 9), segments) == [])
    #expect(
      lines(LogQuery(page: 2, pageSize: 9, newestFirst: false), segments)
        == [[0, 9, 10], [1, 0, 5], [2, 0, 3]])
  }

  @Test func aFileWithoutLinesHasNoPart() {
    let segments = segments(2, 1, 2)
    segments[1].reset(toSize: 0)
    #expect(lines(LogQuery(page: 1, pageSize: 4), segments) == [[0, 0, 2], [2, 0, 2]])
  }

  @Test func aSearchNeedsAllLines() {
    let segments = segments(4, 2)
    let query = LogQuery(page: 7, pageSize: 1, text: "x")
    #expect(lines(query, segments) == [[0, 0, 4], [1, 0, 2]])
  }
}
