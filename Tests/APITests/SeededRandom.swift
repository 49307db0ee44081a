import Supervision

/// The same numbers for the same seed (SplitMix64), so that a failure can be seen again.
struct SeededRandom: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  mutating func chance(_ one: Int) -> Bool { Int.random(in: 0..<one, using: &self) == 0 }

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
