/// A text in double quotes for a message: shortened, and nothing in it that a terminal obeys.
func quoted(_ text: String) -> String {
  "\"\(shortened(text))\""
}

/// The text without what follows its first 64 characters, and with control characters in words.
func shortened(_ text: String) -> String {
  // Nearly every text is such a one, and each request has its method shortened.
  if text.utf8.count <= 64, text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) { return text }
  let start = text.unicodeScalars.prefix(64)
  return printable(String(start)) + (start.endIndex == text.endIndex ? "" : "…")
}

/// The text with its control characters written as `U+001B`.
package func printable(_ text: String) -> String {
  var result = ""
  for scalar in text.unicodeScalars {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator:
      let digits = String(scalar.value, radix: 16, uppercase: true)
      result += "U+\(String(repeating: "0", count: max(0, 4 - digits.count)))\(digits)"
    default:
      result.unicodeScalars.append(scalar)
    }
  }
  return result
}
