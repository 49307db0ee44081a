/// A place in a log, between a line and the next one: what a client has come to. Clients take it as
/// it is: `7f3a91c2-48211`.
package struct LogCursor: Hashable, Sendable, CustomStringConvertible {
  /// Which numbering the number belongs to; nil if the client gave none: the one that there is.
  package let epoch: UInt32?
  /// The number of the line.
  package let number: Int

  /// The largest number of a line: far more than any log has lines, and exact in JSON.
  package static let largestNumber = 1 << 53

  package init(epoch: UInt32?, number: Int) {
    self.epoch = epoch
    self.number = number
  }

  /// Reads a cursor, or a number alone; nil if the text is neither.
  package init?(_ text: String) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard let digits = parts.last, parts.count <= 2, !digits.isEmpty,
      digits.utf8.allSatisfy(\.isDigit), let number = Int(digits), number <= Self.largestNumber
    else { return nil }
    self.number = number
    guard parts.count == 2 else {
      epoch = nil
      return
    }
    guard let epoch = Self.epoch(parts[0]) else { return nil }
    self.epoch = epoch
  }

  package var description: String {
    guard let epoch else { return "\(number)" }
    return "\(Self.text(of: epoch))-\(number)"
  }

  /// Reads an epoch; nil if the text is not eight hexadecimal digits.
  package static func epoch(_ text: some StringProtocol) -> UInt32? {
    guard text.utf8.count == 8, text.utf8.allSatisfy({ $0.hexadecimalValue != nil }) else {
      return nil
    }
    return UInt32(text, radix: 16)
  }

  /// An epoch in eight hexadecimal digits.
  package static func text(of epoch: UInt32) -> String {
    let digits = String(epoch, radix: 16)
    return String(repeating: "0", count: 8 - digits.utf8.count) + digits
  }
}
