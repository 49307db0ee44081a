/// A line of a log, taken apart.
package struct LogLine: Equatable, Sendable {
  /// Its number in the log.
  package let number: Int
  /// When it was written, in UTC, as it stands in the file: `2026-01-31 10:31:02`; nil if the line
  /// is not in our format.
  package let time: ArraySlice<UInt8>?
  /// Where it came from; nil if the line is not in our format.
  package let stream: LogStream?
  /// Of which run of a periodic process it says that it is; nil if it says none.
  package let run: Int?
  /// What was written, without the newline; all of a line that is not in our format.
  package let text: ArraySlice<UInt8>

  /// Takes over the parts of a line.
  package init(
    number: Int, time: ArraySlice<UInt8>?, stream: LogStream?, run: Int?, text: ArraySlice<UInt8>
  ) {
    self.number = number
    self.time = time
    self.stream = stream
    self.run = run
    self.text = text
  }
}
