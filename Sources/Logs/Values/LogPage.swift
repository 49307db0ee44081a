/// Some lines of a log.
package struct LogPage: Equatable, Sendable {
  /// How many lines the log has, or how many of them match the query's filters.
  package var totalLines: Int
  /// The lines as they are in the file, without the newline, in the order asked for.
  package var lines: [ArraySlice<UInt8>]

  /// Makes a page.
  package init(totalLines: Int, lines: [ArraySlice<UInt8>]) {
    self.totalLines = totalLines
    self.lines = lines
  }
}
