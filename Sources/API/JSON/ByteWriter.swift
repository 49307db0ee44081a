/// Something that text is written to byte by byte: JSON, or metrics. Numbers look the same in both.
protocol ByteWriter {
  mutating func append(byte: UInt8)
}

extension ByteWriter {
  /// Adds a whole number.
  mutating func append(decimal value: Int) {
    if value < 0 { append(byte: UInt8(ascii: "-")) }
    append(digitsOf: value.magnitude)
  }

  /// Adds a number of seconds that is not negative, cut to so many decimals, 1 to 18.
  mutating func append(seconds duration: Duration, decimals: Int) {
    let (seconds, attoseconds) = duration.components
    append(decimal: Int(seconds))
    var unit = attosecondsPerSecond
    for _ in 0..<decimals { unit /= 10 }
    var fraction = attoseconds / unit
    guard fraction > 0 else { return }
    var places = decimals
    while fraction % 10 == 0 {
      fraction /= 10
      places -= 1
    }
    append(byte: UInt8(ascii: "."))
    var place: Int64 = 1
    for _ in 1..<places { place *= 10 }
    while place > fraction {
      append(byte: UInt8(ascii: "0"))
      place /= 10
    }
    append(decimal: Int(fraction))
  }

  /// Adds a number that is not negative, rounded to one decimal.
  mutating func append(tenths value: Double) {
    let tenths = Int((value * 10).rounded())
    append(decimal: tenths / 10)
    guard tenths % 10 != 0 else { return }
    append(byte: UInt8(ascii: "."))
    append(decimal: tenths % 10)
  }

  private mutating func append(digitsOf value: UInt) {
    if value >= 10 { append(digitsOf: value / 10) }
    append(byte: UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value % 10))
  }
}

private let attosecondsPerSecond: Int64 = 1_000_000_000_000_000_000
