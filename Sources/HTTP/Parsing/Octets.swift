import Basics

/// The character classes of RFC 9110, on bytes.
extension UInt8 {
  static let tab = UInt8(ascii: "\t")
  static let lineFeed = UInt8(ascii: "\n")
  static let carriageReturn = UInt8(ascii: "\r")
  static let space = UInt8(ascii: " ")

  /// Whether it may stand in a token: a method or a field name (RFC 9110, 5.6.2).
  var isTokenCharacter: Bool {
    // One bit a character, since this is asked once for every byte of a header name.
    let low: UInt64 = 0x03FF_6CFA_0000_0000
    let high: UInt64 = 0x57FF_FFFF_C7FF_FFFE
    if self < 64 { return (low &>> UInt64(self)) & 1 == 1 }
    if self < 128 { return (high &>> UInt64(self & 63)) & 1 == 1 }
    return false
  }

  /// Whether it may stand in a field value: visible, blank, tab, or not ASCII (RFC 9110, 5.5).
  var isFieldValueCharacter: Bool { self >= 0x20 ? self != 0x7F : self == .tab }

  /// Whether it may stand in a request target. Wider than RFC 3986 where nothing depends on it:
  /// browsers send `|` as it is, and people send UTF-8. A `#` would hide what follows it.
  var isTargetCharacter: Bool { self > 0x20 && self != 0x7F && self != UInt8(ascii: "#") }

  /// Whether it may stand in a `Host` field (RFC 3986, 3.2.2 and 3.2.3).
  var isHostCharacter: Bool {
    switch self {
    case UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "#"), UInt8(ascii: "@"),
      UInt8(ascii: "\\"), UInt8(ascii: "\""), UInt8(ascii: "<"), UInt8(ascii: ">"),
      UInt8(ascii: "^"), UInt8(ascii: "`"), UInt8(ascii: "{"), UInt8(ascii: "|"),
      UInt8(ascii: "}"):
      false
    default: self > 0x20 && self < 0x7F
    }
  }
}

/// Compares bytes with an ASCII string that is already in lower case, without regard to case.
func equalsIgnoringCase(_ bytes: some Sequence<UInt8>, _ lowercase: StaticString) -> Bool {
  var position = 0
  for byte in bytes {
    guard position < lowercase.utf8CodeUnitCount,
      byte.lowercased == lowercase.utf8Start[position]
    else { return false }
    position += 1
  }
  return position == lowercase.utf8CodeUnitCount
}
