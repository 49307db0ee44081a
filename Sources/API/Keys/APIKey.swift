/// The key that clients have to send.
package struct APIKey: Sendable {
  private let bytes: [UInt8]

  /// An empty key is none: nothing matches it.
  package init(_ key: String) {
    bytes = Array(key.utf8)
  }

  /// Whether the candidate is the key.
  ///
  /// Looks at every byte of the candidate whatever the earlier ones were, so that the time it takes
  /// says nothing of how many of them are right; only of how long the candidate is.
  package func matches(_ candidate: String) -> Bool {
    guard !bytes.isEmpty else { return false }
    var difference = UInt(bitPattern: candidate.utf8.count ^ bytes.count)
    var index = 0
    for byte in candidate.utf8 {
      difference |= UInt(byte ^ bytes[index])
      index += 1
      if index == bytes.count { index = 0 }
    }
    return difference == 0
  }
}
