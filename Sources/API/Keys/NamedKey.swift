import Basics

/// The text of a key that has a name: `exeio_<name>_<64 hexadecimal digits>`.
///
/// The name in it says which hash it is to be held against, so a guess costs one hash, however many
/// keys there are.
package struct NamedKey: Equatable {
  /// Which key it says it is.
  package let name: String

  /// How many random bytes are in a key: 256 bits, which an attacker cannot guess.
  package static let randomByteCount = 32

  private static let prefix = "exeio"
  /// An underscore is in no name.
  private static let separator = UInt8(ascii: "_")

  /// Nil where the text has another form. Whether there is such a key is another question.
  package init?(_ text: String) {
    // A key of any length must not be worth any work.
    guard text.utf8.count <= 6 + 64 + 1 + 2 * Self.randomByteCount else { return nil }
    let parts = text.utf8.split(separator: Self.separator, omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0].elementsEqual(Self.prefix.utf8),
      KeyName.isValid(bytes: parts[1]), parts[2].count == 2 * Self.randomByteCount,
      parts[2].allSatisfy(Self.isHexadecimal)
    else { return nil }
    name = String(decoding: parts[1], as: UTF8.self)
  }

  /// The key of a name.
  ///
  /// - Parameter random: `randomByteCount` bytes that an attacker cannot guess.
  package static func text(name: String, random: [UInt8]) -> String {
    precondition(KeyName.isValid(name) && random.count == randomByteCount)
    return "\(prefix)_\(name)_\(hexadecimal(random))"
  }

  /// Whether the text has the form of a key that exeio made, the main one or a named one, and so
  /// must not be in a log, wherever it was found.
  static func isLikelyKey(_ text: some StringProtocol) -> Bool {
    text.utf8.count >= prefix.utf8.count + 1 + 2 * randomByteCount
      && text.utf8.starts(with: "\(prefix)_".utf8)
      && text.utf8.suffix(2 * randomByteCount).allSatisfy(isHexadecimal)
  }

  /// In small letters, as exeio writes them.
  private static func isHexadecimal(_ byte: UInt8) -> Bool {
    byte.hexadecimalValue != nil && byte == byte.lowercased
  }
}
