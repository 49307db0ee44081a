/// Reads JSON: RFC 8259 to the letter, in well-formed UTF-8, with each name once in an object and at most
/// ``maxDepth`` deep.
///
/// It is our own, because jansson says less: no place of a missing name or a comment (`string or '}' expected near '}'`),
/// a number beyond 64 bits is no JSON to it, and a decimal fraction becomes a binary one.
package enum JSONReader {
  /// How many arrays and objects may stand inside one another.
  package static let maxDepth = 64

  /// The value that `bytes` are; throws the first place where they are not one.
  static func value(of bytes: [UInt8]) throws(JSONSyntaxError) -> JSONValue {
    var scanner = JSONScanner(bytes)
    return try scanner.document()
  }
}
