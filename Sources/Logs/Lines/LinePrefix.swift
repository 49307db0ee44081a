/// The first bytes of a log line, kept so that they can be stored with two or four vector
/// instructions: measured, that is what makes a prefix nearly free.
///
/// The longest there is has 63 bytes: a timestamp of a negative year of twelve digits (31), and
/// `RUN#n STDOUT: ` with a run number of nineteen (32).
struct LinePrefix {
  /// How many bytes ``store(to:)`` may touch.
  static let capacity = 64

  private typealias Vector = SIMD16<UInt8>
  private var vectors = (Vector(), Vector(), Vector(), Vector())
  private(set) var count = 0

  mutating func append(_ byte: UInt8) {
    withUnsafeMutableBytes(of: &vectors) { $0[count] = byte }
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
    destination.storeBytes(of: vectors.0, as: Vector.self)
    (destination + 16).storeBytes(of: vectors.1, as: Vector.self)
    guard count > 32 else { return }
    (destination + 32).storeBytes(of: vectors.2, as: Vector.self)
    (destination + 48).storeBytes(of: vectors.3, as: Vector.self)
  }

  /// The bytes one by one, for lines that are rare.
  var array: [UInt8] {
    withUnsafeBytes(of: vectors) { Array($0.prefix(count)) }
  }
}
