extension IPAddress: CustomStringConvertible {
  /// The one way to write it: `192.0.2.1`, `2001:db8::1` (RFC 5952).
  package var description: String {
    guard !isV4 else {
      return (0..<4).map { "\(bits >> (24 - 8 * $0) & 0xFF)" }.joined(separator: ".")
    }
    let groups = (0..<8).map { UInt16(truncatingIfNeeded: bits >> (112 - 16 * $0)) }
    let zeros = Self.longestZeros(groups)
    func text(_ part: ArraySlice<UInt16>) -> String {
      part.map { String($0, radix: 16) }.joined(separator: ":")
    }
    guard !zeros.isEmpty else { return text(groups[...]) }
    return "\(text(groups[..<zeros.lowerBound]))::\(text(groups[zeros.upperBound...]))"
  }

  /// The first one of the longest runs of two or more zeros; empty where there is none.
  private static func longestZeros(_ groups: [UInt16]) -> Range<Int> {
    var longest = 0..<0
    var start = 0
    for index in groups.indices {
      if groups[index] != 0 {
        start = index + 1
      } else if index - start + 1 > max(1, longest.count) {
        longest = start..<index + 1
      }
    }
    return longest
  }
}
