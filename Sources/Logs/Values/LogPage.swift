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
  package var numbers: Numbers?
  /// The lines whose ends have not come yet, one a stream at the most, on the page that has the
  /// newest line. They are not in ``lines``, and do not count.
  package var partial: [PartialLine] = []

  /// The numbers of the lines of a page.
  package struct Numbers: Equatable, Sendable {
    /// Which numbering they belong to.
    package let epoch: UInt32
    /// One for each line, in the same order; at least one.
    package let all: [Int]
    /// Whether there is an older line than those of the page that is asked for as well.
    package let areOlderOnes: Bool

    /// The smallest number.
    package var first: Int { min(all[0], all[all.count - 1]) }

    /// The largest number.
    package var last: Int { max(all[0], all[all.count - 1]) }

    /// From where on a page with older lines is asked for, as ``LogQuery/before``; nil where there
    /// are none.
    package var next: LogCursor? {
      areOlderOnes ? LogCursor(epoch: epoch, number: first) : nil
    }

    /// From where on a page with newer lines is asked for, as ``LogQuery/after``.
    package var previous: LogCursor { LogCursor(epoch: epoch, number: last) }
  }

  /// Makes a page.
  package init(totalLines: Int?, lines: [ArraySlice<UInt8>], numbers: Numbers? = nil) {
    self.totalLines = totalLines
    self.lines = lines
    self.numbers = numbers
  }
}
