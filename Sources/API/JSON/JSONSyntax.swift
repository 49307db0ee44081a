/// Tells JSON from what is only nearly JSON, before a decoder sees it.
///
/// `JSONDecoder` says no place, keeps one of two members of the same name and nests deeper than
/// anybody needs. What passes here is RFC 8259 to the letter, has each name once in an object and
/// is at most `maxDepth` deep.
package enum JSONSyntax {
  /// How many arrays and objects may stand inside one another.
  package static let maxDepth = 64

  /// Throws the first place where `bytes` are not one JSON value in well-formed UTF-8.
  package static func check(_ bytes: [UInt8]) throws(JSONSyntaxError) {
    var scanner = JSONScanner(bytes)
    try scanner.document()
  }
}
