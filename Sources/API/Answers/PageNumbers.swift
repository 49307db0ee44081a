package import Basics

/// The numbers of the lines of a page of a log.
package struct PageNumbers: Hashable, Sendable {
  /// The smallest one.
  package let first: Int
  /// The largest one.
  package let last: Int
  /// Leads to older lines, given as `before`; nil where there are none.
  package let next: LogCursor?
  /// Leads to newer lines, given as `after`.
  package let previous: LogCursor

  /// Makes the numbers of a page that has lines.
  package init(first: Int, last: Int, next: LogCursor?, previous: LogCursor) {
    self.first = first
    self.last = last
    self.next = next
    self.previous = previous
  }
}
