extension JSONWriter {
  /// A number of seconds, exact: without a point where it is whole, else with up to nine decimals.
  mutating func seconds(_ duration: Duration) {
    separate()
    append(seconds: duration, decimals: 9)
  }

  /// A number of seconds, cut to milliseconds.
  mutating func milliseconds(_ duration: Duration) {
    separate()
    append(seconds: duration, decimals: 3)
  }

  /// A time since 1970 as RFC 3339 has it, in whole seconds of UTC: `"2025-07-16T04:10:09Z"`.
  mutating func time(_ sinceEpoch: Duration) {
    separate()
    let (day, second) = sinceEpoch.components.seconds.quotientAndFloorRemainder(by: 86_400)
    let date = CivilDate(daysSinceEpoch: Int(day))
    append(byte: UInt8(ascii: "\""))
    append(decimal: date.year, digits: 4)
    append(byte: UInt8(ascii: "-"))
    append(decimal: date.month, digits: 2)
    append(byte: UInt8(ascii: "-"))
    append(decimal: date.day, digits: 2)
    append(byte: UInt8(ascii: "T"))
    append(decimal: Int(second) / 3600, digits: 2)
    append(byte: UInt8(ascii: ":"))
    append(decimal: Int(second) / 60 % 60, digits: 2)
    append(byte: UInt8(ascii: ":"))
    append(decimal: Int(second) % 60, digits: 2)
    append(byte: UInt8(ascii: "Z"))
    append(byte: UInt8(ascii: "\""))
  }

  mutating func append(decimal value: Int) {
    if value < 0 { append(byte: UInt8(ascii: "-")) }
    var divisor: UInt = 1
    while value.magnitude / divisor >= 10 { divisor *= 10 }
    while divisor > 0 {
      append(byte: UInt8(ascii: "0") + UInt8(value.magnitude / divisor % 10))
      divisor /= 10
    }
  }

  /// A value that is not negative, with zeros in front up to so many digits.
  private mutating func append(decimal value: Int, digits: Int) {
    var limit = 10
    for _ in 1..<digits {
      if value < limit { append(byte: UInt8(ascii: "0")) }
      limit *= 10
    }
    append(decimal: value)
  }

  private mutating func append(seconds duration: Duration, decimals: Int) {
    let (seconds, attoseconds) = duration.components
    if seconds < 0 || attoseconds < 0 { append(byte: UInt8(ascii: "-")) }
    append(decimal: Int(seconds.magnitude))
    var unit: UInt64 = 1_000_000_000_000_000_000
    for _ in 0..<decimals { unit /= 10 }
    var rest = attoseconds.magnitude / unit
    guard rest > 0 else { return }
    var places = decimals
    while rest % 10 == 0 {
      rest /= 10
      places -= 1
    }
    append(byte: UInt8(ascii: "."))
    append(decimal: Int(rest), digits: places)
  }
}

extension Int64 {
  /// Like `quotientAndRemainder`, rounded down: the remainder is never negative.
  fileprivate func quotientAndFloorRemainder(by divisor: Int64) -> (
    quotient: Int64, remainder: Int64
  ) {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }
}
