/// Which lines of which files are on a page, for files of which all lines are indexed.
struct PagePlan {
  /// The lines that are wanted of one file, counted from its beginning.
  struct Part {
    let segment: Segment
    let lines: Range<Int>
  }

  /// The oldest first. A search needs all lines of all files.
  let parts: [Part]
  /// How many lines the files have.
  let total: Int

  /// Plans a page.
  ///
  /// - Parameter segments: the files of the log, the oldest one first.
  init(_ query: LogQuery, of segments: [Segment]) {
    let isSearch = query.isSearch
    let total = segments.reduce(0) { $0 + $1.index.lines }
    let range = query.range(of: total)
    var parts: [Part] = []
    var first = 0
    for segment in segments {
      let count = segment.index.lines
      let all = first..<(first + count)
      first = all.upperBound
      let lines = isSearch ? all : all.clamped(to: range)
      guard !lines.isEmpty else { continue }
      parts.append(
        Part(
          segment: segment,
          lines: (lines.lowerBound - all.lowerBound)..<(lines.upperBound - all.lowerBound)))
    }
    self.parts = parts
    self.total = total
  }
}
