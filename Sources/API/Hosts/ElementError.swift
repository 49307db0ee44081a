/// An element of an option's list that cannot be taken, and why:
/// `'10.0.0.0/33' needs a prefix length from 0 to 32`.
package struct ElementError: Error, Equatable, CustomStringConvertible {
  /// The element and the reason, to stand after the name of the option.
  package let description: String

  init(_ element: some StringProtocol, _ reason: String) {
    description = "'\(element)' \(reason)"
  }
}

extension String {
  /// The elements of a list with commas between them, without the blanks around them.
  var listElements: [String] {
    split(separator: ",", omittingEmptySubsequences: false).map { $0.trimmingBlanks }
  }
}

extension StringProtocol {
  /// The text without blanks and tabs at its ends.
  var trimmingBlanks: String {
    func isBlank(_ character: Character) -> Bool { character == " " || character == "\t" }
    let rest = drop(while: isBlank)
    guard let last = rest.lastIndex(where: { !isBlank($0) }) else { return "" }
    return String(rest[...last])
  }
}
