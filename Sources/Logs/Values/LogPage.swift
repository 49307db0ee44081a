package import Basics

/// Some lines of a log.
package struct LogPage: Equatable, Sendable {
  /// How many lines the log has, or how many of them match the query's filters and cursors; nil
  /// while those of a file from before are being counted.
  package var totalLines: Int?
  /// The lines as they are in the file, without the newline, in the order asked for.
  package var lines: [ArraySlice<UInt8>]
  /// The numbers of these lines; nil while lines before them are being counted, and if there are
  /// none.
  package var numbers: PageNumbers?
  /// The lines whose ends have not come yet, one a stream at the most, on the page that has the
  /// newest line. They are not in ``lines``, and do not count.
  package var partial: [PartialLine] = []
  /// The newest line of the log when the page was planned, also if it has been cleared; nil if
  /// lines have no numbers.
  var newest: LogCursor?

  package init(totalLines: Int?, lines: [ArraySlice<UInt8>], numbers: PageNumbers? = nil) {
    self.totalLines = totalLines
    self.lines = lines
    self.numbers = numbers
  }
}
