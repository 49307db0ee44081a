/// A queue whose first element is taken in constant time, taken over many calls.
package struct ArrayQueue<Element> {
  private var elements: [Element?] = []
  private var start = 0

  /// A queue with nothing in it.
  package init() {}

  /// Whether nothing is in it.
  package var isEmpty: Bool { start == elements.count }
  /// How many are in it.
  package var count: Int { elements.count - start }

  /// Puts one behind all others.
  package mutating func append(_ element: Element) { elements.append(element) }

  /// Takes the first one out, if there is one.
  package mutating func popFirst() -> Element? {
    guard !isEmpty else { return nil }
    let first = elements[start]
    // What it refers to must not wait until the places in front are given back.
    elements[start] = nil
    start += 1
    if start > elements.count / 2 {
      elements.removeFirst(start)
      start = 0
    }
    return first
  }

  /// Takes out those that `isMeant` names, and returns them.
  package mutating func remove(where isMeant: (Element) -> Bool) -> [Element] {
    var removed: [Element] = []
    var kept: [Element?] = []
    for case .some(let element) in elements[start...] {
      if isMeant(element) { removed.append(element) } else { kept.append(element) }
    }
    elements = kept
    start = 0
    return removed
  }
}
