import TestSupport

extension SeededRandom {
  /// Text with all that JSON has to take care of, but no NUL.
  mutating func text(_ length: ClosedRange<Int>) -> String {
    let scalars: [Unicode.Scalar] = [
      "a", "Z", "0", " ", "\"", "\\", "/", "\n", "\r", "\t", "\u{1}", "\u{1B}", "\u{7F}", "\u{80}",
      "\u{9F}", "\u{A0}", "é", "e", "\u{301}", "€", "\u{2028}", "\u{FEFF}", "\u{FFFD}", "\u{FFFF}",
      "😀", "\u{10FFFF}", "{", "]", ",", "=", "$",
    ]
    var text = String.UnicodeScalarView()
    for _ in 0..<Int.random(in: length, using: &self) {
      if let scalar = scalars.randomElement(using: &self) { text.append(scalar) }
    }
    return String(text)
  }
}
