/// The hashes of keys, as `crypt(5)` writes them: `$7$46..../....<salt>$<43 characters>`.
///
/// A key has 256 random bits. An attacker does not find them by trying, whatever a try costs, so
/// the hash need not be slow, as that of a password must; it only must not be turned round. Every
/// wrong key costs the loop one hash, so it should be cheap: scrypt with 64 blocks of 1 KiB takes a
/// tenth of a millisecond, a tenth of what the SHA-2 schemes take with their fewest rounds.
package enum KeyHash {
  /// Scheme 7, 2^6 blocks (`4`), 8 units a block (`6....`), once (`/....`).
  private static let scheme = "$7$46..../...."
  private static let digits = Array(
    "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)
  private static let saltLength = 16
  private static let hashLength = 43

  /// How many random bytes make a salt.
  package static let saltByteCount = saltLength

  /// What `crypt(3)` is to be given beside a new key. A fourth of each random byte is not used.
  package static func setting(salt: [UInt8]) -> String {
    precondition(salt.count == saltByteCount)
    return scheme + String(decoding: salt.map { digits[Int($0 & 63)] }, as: UTF8.self)
  }

  /// Whether the text is a hash of this scheme and cost. Others are refused: to check one name
  /// would take another time than to check the next, and so tell which names there are.
  static func isValid(_ text: String) -> Bool {
    guard text.hasPrefix(scheme) else { return false }
    let rest = Array(text.utf8.dropFirst(scheme.utf8.count))
    return rest.count == saltLength + 1 + hashLength && rest[saltLength] == UInt8(ascii: "$")
      && rest.indices.allSatisfy { $0 == saltLength || digits.contains(rest[$0]) }
  }

  /// What a key is compared with if no named key has its name, so that it takes the same time.
  static let nobodys =
    scheme + String(repeating: ".", count: saltLength) + "$"
    + String(repeating: ".", count: hashLength)
}
