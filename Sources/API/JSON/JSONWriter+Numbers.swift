extension JSONWriter {
  /// A number of seconds, exact: without a point where it is whole, else with up to nine decimals.
  mutating func seconds(_ duration: Duration) {
    separate()
    append(seconds: duration, decimals: 9)
  }

  /// Adds a whole number.
  mutating func append(decimal value: Int) {
    if value < 0 { append(byte: UInt8(ascii: "-")) }
    append(digitsOf: value.magnitude)
  }

  /// Adds a time since 1970 as RFC 3339 has it, in whole seconds of UTC: `"2025-07-16T04:10:09Z"`.
  mutating func append(time sinceEpoch: Duration) {
    let seconds = sinceEpoch.wholeSeconds
    let day = (seconds >= 0 ? seconds : seconds - 86_399) / 86_400
    let date = CivilDate(daysSinceEpoch: day)
    let second = seconds - day * 86_400
    let start = bytes.count
    append(#""0000-00-00T00:00:00Z""#)
    set(twoDigits: date.year / 100, at: start + 1)
    set(twoDigits: date.year % 100, at: start + 3)
    set(twoDigits: date.month, at: start + 6)
    set(twoDigits: date.day, at: start + 9)
    set(twoDigits: second / 3600, at: start + 12)
    set(twoDigits: second / 60 % 60, at: start + 15)
    set(twoDigits: second % 60, at: start + 18)
  }

  /// Adds a number of seconds that is not negative, cut to so many decimals, 1 to 18.
  mutating func append(seconds duration: Duration, decimals: Int) {
    let (seconds, attoseconds) = duration.components
    append(decimal: Int(seconds))
    var unit = Self.attosecondsPerSecond
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

  private static let attosecondsPerSecond: Int64 = 1_000_000_000_000_000_000

  private mutating func append(digitsOf value: UInt) {
    if value >= 10 { append(digitsOf: value / 10) }
    append(byte: UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value % 10))
  }
}

extension Duration {
  /// The whole seconds in it, rounded down.
  fileprivate var wholeSeconds: Int {
    let (seconds, attoseconds) = components
    return Int(attoseconds < 0 ? seconds - 1 : seconds)
  }
}
