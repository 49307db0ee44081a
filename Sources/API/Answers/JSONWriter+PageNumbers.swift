import Basics

extension JSONWriter {
  /// Which numbers the lines of a page have, and the cursors that lead on; null where there are
  /// none.
  mutating func numbers(_ numbers: PageNumbers?) {
    name("first")
    if let numbers { integer(numbers.first) } else { null() }
    name("last")
    if let numbers { integer(numbers.last) } else { null() }
    name("next")
    if let next = numbers?.next { string(next.description) } else { null() }
    name("previous")
    if let numbers { string(numbers.previous.description) } else { null() }
  }
}
