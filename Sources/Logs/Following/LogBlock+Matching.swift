package import Basics

extension LogBlock {
  /// The lines that match a query.
  package func lines(matching query: FollowQuery) -> [LogLine] {
    guard let filter = LineFilter(stream: query.stream, text: query.text) else { return lines }
    return lines.filter(filter.matches)
  }
}
