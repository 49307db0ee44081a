/// Which lines of which files are on a page, for files of which all lines are indexed.
struct PagePlan {
  /// The lines that are wanted of one file, counted from its beginning.
  struct Part {
    let segment: Segment
    let lines: Range<Int>
  }

  /// The oldest first. A search needs all lines of all files, but for those without the numbers
  /// that are wanted.
  let parts: [Part]
  /// How many lines the files have, of those with the numbers that are wanted.
  let total: Int

  /// Plans a page.
  ///
  /// - Parameter segments: the files of the log, the oldest one first.
  init(_ query: LogQuery, of segments: [Segment]) {
    let all = segments.map { Part(segment: $0, lines: Self.lines(query, of: $0)) }
    let total = all.reduce(0) { $0 + $1.lines.count }
    let range = query.range(of: total)
    var parts: [Part] = []
    var first = 0
    for part in all {
      let places = first..<(first + part.lines.count)
      first = places.upperBound
      let wanted = query.isSearch ? places : places.clamped(to: range)
      guard !wanted.isEmpty else { continue }
      let skipped = part.lines.lowerBound - places.lowerBound
      parts.append(
        Part(
          segment: part.segment,
          lines: (wanted.lowerBound + skipped)..<(wanted.upperBound + skipped)))
    }
    self.parts = parts
    self.total = total
  }

  /// Which lines of a file have numbers that are wanted, counted from its beginning.
  private static func lines(_ query: LogQuery, of segment: Segment) -> Range<Int> {
    let all = 0..<segment.index.lines
    guard query.isBounded else { return all }
    guard let first = segment.first else { return 0..<0 }
    let numbers = query.numbers
    return ((numbers.lowerBound - first)..<(numbers.upperBound - first)).clamped(to: all)
  }
}
