/// A text in double quotes for a message: shortened, and nothing in it that a terminal obeys.
func quoted(_ text: String) -> String {
  "\"\(shortened(text))\""
}

/// The text without what follows its first 64 characters, and with control characters in words.
func shortened(_ text: String) -> String {
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
