/// The numbers of the lines of a page of a log, and the cursors that lead on from it.
package struct PageNumbers: Equatable, Sendable {
  /// Which numbering they belong to.
  package let epoch: UInt32
  /// One for each line, in the same order; at least one.
  package let all: [Int]
  /// Whether there is an older line than those of the page that is asked for as well.
  package let areOlderOnes: Bool

  /// Takes over the numbers of lines that follow each other, in either order.
  package init(epoch: UInt32, all: [Int], areOlderOnes: Bool) {
    self.epoch = epoch
    self.all = all
    self.areOlderOnes = areOlderOnes
  }

  /// The smallest number.
  package var first: Int { min(all[0], all[all.count - 1]) }

  /// The largest number.
  package var last: Int { max(all[0], all[all.count - 1]) }

  /// From where on a page with older lines is asked for, as `before`; nil if there
  /// are none.
  package var next: LogCursor? {
    areOlderOnes ? LogCursor(epoch: epoch, number: first) : nil
  }

  /// From where on a page with newer lines is asked for, as `after`.
  package var previous: LogCursor { LogCursor(epoch: epoch, number: last) }
}
