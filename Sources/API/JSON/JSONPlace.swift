/// A place in a JSON text, counted as editors count.
package struct JSONPlace: Hashable, Sendable, CustomStringConvertible {
  /// From 1; lines end in `\n`.
  package private(set) var line = 1
  /// From 1, in Unicode scalars; a byte that is not UTF-8 counts as one.
  package private(set) var column = 1

  /// `line 3, column 12`
  package var description: String { "line \(line), column \(column)" }

  /// The place of a byte of a text, from 0; its end if `offset` is the count of its bytes.
  init(of offset: Int, in text: [UInt8]) {
    advance(over: text[..<offset])
  }

  /// The places of some bytes of a text, which is walked through once for all of them: a file may
  /// hold thousands of mistakes.
  static func all(of offsets: [Int?], in text: [UInt8]) -> [JSONPlace?] {
    var places = [JSONPlace?](repeating: nil, count: offsets.count)
    var place = JSONPlace(of: 0, in: text)
    var reached = 0
    let known = offsets.enumerated().compactMap { index, offset in offset.map { (index, $0) } }
    for (index, offset) in known.sorted(by: { $0.1 < $1.1 }) {
      place.advance(over: text[reached..<offset])
      reached = offset
      places[index] = place
    }
    return places
  }

  private mutating func advance(over bytes: ArraySlice<UInt8>) {
    for byte in bytes {
      if byte == UInt8(ascii: "\n") {
        line += 1
        column = 1
      } else if byte & 0xC0 != 0x80 {
        column += 1
      }
    }
  }
}
