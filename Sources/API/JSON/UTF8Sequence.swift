/// What stands at one place of a text that should be UTF-8 (Unicode 16, table 3-7).
enum UTF8Sequence {
  /// A character of so many bytes, 1 to 4.
  case wellFormed(Int)
  /// So many bytes, 1 to 3, that begin no character or break one off: the maximal subpart that
  /// Unicode recommends to replace by one U+FFFD.
  case illFormed(Int)

  /// Reads the sequence at `index`, which must be inside `bytes`.
  static func at(_ index: Int, in bytes: Span<UInt8>) -> UTF8Sequence {
    let lead = bytes[index]
    let length: Int
    var second: ClosedRange<UInt8> = 0x80...0xBF
    switch lead {
    case 0x00...0x7F: return .wellFormed(1)
    case 0xC2...0xDF: length = 2
    case 0xE0: (length, second) = (3, 0xA0...0xBF)
    case 0xED: (length, second) = (3, 0x80...0x9F)
    case 0xE1...0xEF: length = 3
    case 0xF0: (length, second) = (4, 0x90...0xBF)
    case 0xF1...0xF3: length = 4
    case 0xF4: (length, second) = (4, 0x80...0x8F)
    default: return .illFormed(1)
    }
    guard index + 1 < bytes.count, second.contains(bytes[index + 1]) else { return .illFormed(1) }
    var next = 2
    while next < length {
      guard index + next < bytes.count, bytes[index + next] & 0xC0 == 0x80 else {
        return .illFormed(next)
      }
      next += 1
    }
    return .wellFormed(length)
  }
}
