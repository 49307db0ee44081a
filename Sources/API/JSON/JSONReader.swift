/// Reads JSON: RFC 8259 to the letter, in well-formed UTF-8, with each name once in an object and
/// at most ``maxDepth`` deep.
///
/// It is our own, because jansson's errors say less (`string or '}' expected near '}'` for a comma
/// too many), and because jansson refuses a number beyond 64 bits and makes a binary fraction of a
/// decimal one.
package enum JSONReader {
  /// How many arrays and objects may stand inside one another.
  package static let maxDepth = 64

  /// The value that `bytes` are; throws the first place where they are not one.
  static func value(of bytes: [UInt8]) throws(JSONSyntaxError) -> JSONValue {
    var scanner = JSONScanner(bytes)
    return try scanner.document()
  }
}
