import CCrypt

/// The system's one-way hashes for secrets (`crypt(3)` of libxcrypt).
package enum Crypt {
  /// What a phrase hashes to.
  ///
  /// - Parameters:
  ///   - phrase: the secret, without a NUL.
  ///   - setting: scheme, cost and salt as `crypt(5)` has them, or a whole hash, which begins with
  ///     them.
  /// - Throws: `EINVAL` for a setting that libxcrypt does not know, `ENOMEM`.
  package static func hash(_ phrase: String, setting: String) throws(UVError) -> String {
    var hash = [CChar](repeating: 0, count: Int(CRYPT_OUTPUT_SIZE))
    let error = exeio_crypt(phrase, setting, &hash)
    guard error == 0 else { throw UVError(code: -error, operation: "hash a key") }
    return String(decoding: hash.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
