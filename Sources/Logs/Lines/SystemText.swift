import UV

/// Messages of the supervisor itself, as bytes for one log line.
package enum SystemText {
  /// The bytes of a message, with every control character but the tab written out, so that
  /// whatever found its way into a message (an id, a path, the words of an error) can neither
  /// begin a line of its own nor command a terminal.
  package static func escaped(_ message: String) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(message.utf8.count)
    for scalar in message.readable.unicodeScalars {
      switch scalar {
      case "\n": bytes += Array("\\n".utf8)
      case "\r": bytes += Array("\\r".utf8)
      case "\t": bytes.append(9)
      case _ where isControl(scalar):
        bytes += Array("\\u{\(String(scalar.value, radix: 16))}".utf8)
      case _: bytes += Array(String(scalar).utf8)
      }
    }
    return bytes
  }

  /// C0, DEL, C1, and the two separators that some viewers take for the end of a line.
  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value)
      || scalar.value == 0x2028 || scalar.value == 0x2029
  }
}
