/// Why what a server sent cannot be read.
package struct ResponseParserError: Error, Equatable {
  /// One sentence for people.
  package let message: String
}
