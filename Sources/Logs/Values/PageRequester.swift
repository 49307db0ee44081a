/// Who asks for a page of a log.
package struct PageRequester {
  /// Those of one name wait behind each other, and take turns with those of other names.
  package var name: String
  /// Whether the page is still wanted; asked before it is begun and after each piece that is read.
  package var isPresent: () -> Bool

  /// A requester who stays, unless more is said.
  package init(name: String = "", isPresent: @escaping () -> Bool = { true }) {
    self.name = name
    self.isPresent = isPresent
  }
}
