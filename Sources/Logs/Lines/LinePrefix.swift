/// The first bytes of a log line, kept so that they can be stored with two or four vector
/// instructions: measured, that is what makes a prefix nearly free.
///
/// The longest there is has 63 bytes: a timestamp of a negative year of twelve digits (31), and
/// `RUN#n STDOUT: ` with a run number of nineteen (32).
struct LinePrefix {
  /// How many bytes ``store(to:)`` may touch.
  static let capacity = 64

  private var bytes = SIMD64<UInt8>()
  private(set) var count = 0

  mutating func append(_ byte: UInt8) {
    bytes[count] = byte
    count += 1
  }

  mutating func append(_ text: StaticString) {
    text.withUTF8Buffer { for byte in $0 { append(byte) } }
  }

  /// Appends a number in decimal digits, with zeros before it up to a width.
  mutating func append(decimal number: UInt64, width: Int = 1) {
    var divisor: UInt64 = 1
    var digits = 1
    while number / divisor >= 10 || digits < width {
      divisor *= 10
      digits += 1
    }
    while divisor > 0 {
      append(UInt8(ascii: "0") + UInt8(number / divisor % 10))
      divisor /= 10
    }
  }

  /// Stores the prefix, and bytes without meaning after it up to ``capacity``.
  @inline(__always)
  func store(to destination: UnsafeMutableRawPointer) {
    destination.storeBytes(of: bytes.lowHalf, as: SIMD32<UInt8>.self)
    if count > 32 {
      (destination + 32).storeBytes(of: bytes.highHalf, as: SIMD32<UInt8>.self)
    }
  }

  /// The bytes one by one, for lines that are rare.
  var array: [UInt8] {
    (0..<count).map { bytes[$0] }
  }
}
