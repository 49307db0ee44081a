import Basics

/// What may name a key.
package enum KeyName {
  /// The main key, which is in no `keys.json`, is called that.
  package static let main = "default"

  /// The rule in words.
  package static let allowed = "1 to 64 of a-z 0-9 -"

  /// Whether the text has the form of a name; that of the main key has it too.
  package static func isValid(_ text: some StringProtocol) -> Bool {
    isValid(bytes: text.utf8)
  }

  static func isValid(bytes: some Collection<UInt8>) -> Bool {
    (1...64).contains(bytes.count)
      && bytes.allSatisfy { $0.isLowercaseLetter || $0.isDigit || $0 == UInt8(ascii: "-") }
  }
}
