/// The classes of ASCII, on bytes.
extension UInt8 {
  /// Whether it is `0` to `9`.
  @inlinable package var isDigit: Bool { self >= 0x30 && self <= 0x39 }

  /// Whether it is `a` to `z`.
  @inlinable package var isLowercaseLetter: Bool { self >= 0x61 && self <= 0x7A }

  /// Whether it is `A` to `Z` or `a` to `z`.
  @inlinable package var isLetter: Bool { (self | 0x20).isLowercaseLetter }

  /// `A` to `Z` as `a` to `z`, anything else as it is.
  @inlinable package var lowercased: UInt8 { self >= 0x41 && self <= 0x5A ? self | 0x20 : self }

  /// What it is worth as a hexadecimal digit, in capitals or not; nil if it is none.
  @inlinable package var hexadecimalValue: UInt8? {
    if isDigit { return self - 0x30 }
    let letter = self | 0x20
    return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : nil
  }
}

/// Bytes as two hexadecimal digits each, in small letters.
package func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
  let digits = Array("0123456789abcdef".utf8)
  return String(
    decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
}
