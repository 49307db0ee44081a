import Basics

/// Numbers of bytes and seconds that are written with a unit: `100M`, `5m`.
///
/// All of it is integer arithmetic: a whole number has no rounding error, and what does not fit is
/// nil, never another number.
package enum Quantity {
  /// A size such as `100M`, `1.5GiB` or `512B`, in bytes; nil if it is none, or no whole number
  /// of bytes. The units are powers of 1024, as systemd has them; `MB` is refused, because some
  /// mean powers of 1000 by it.
  package static func bytes(_ text: String) -> Int? {
    guard let (number, rest) = leadingNumber(text.utf8[...]) else { return nil }
    let unit = rest.drop { $0 == UInt8(ascii: " ") }
    guard let power = power(of: String(decoding: unit, as: UTF8.self).lowercased()) else {
      return nil
    }
    return number.times(1 << (10 * power), exactly: true)
  }

  /// A duration such as `5m`, `1h30m` or `1.5s`, to the nearest nanosecond; nil if it is none,
  /// or too long. The units stand from the longest to the shortest, each at most once.
  package static func duration(_ text: String) -> Duration? {
    var rest = text.utf8[...]
    var total = 0
    var unitsLeft = timeUnits
    repeat {
      guard let (number, after) = leadingNumber(rest) else { return nil }
      let name = after.drop { $0 == UInt8(ascii: " ") }.prefix(while: \.isLowercaseLetter)
      guard let unit = unitsLeft.first(where: { $0.name.utf8.elementsEqual(name) }),
        let part = number.times(unit.nanoseconds, exactly: false)
      else { return nil }
      unitsLeft = unitsLeft.filter { $0.nanoseconds < unit.nanoseconds }
      let (sum, overflow) = total.addingReportingOverflow(part)
      guard !overflow else { return nil }
      total = sum
      let end = text.utf8[name.endIndex...]
      rest = end.drop { $0 == UInt8(ascii: " ") }
      // Spaces stand between two parts.
      if rest.isEmpty, !end.isEmpty { return nil }
    } while !rest.isEmpty
    return .nanoseconds(total)
  }

  /// The shortest way to write a number of bytes: `1M`, `1536K`, `1000B`.
  package static func text(bytes: Int) -> String {
    for (unit, shift) in [("T", 40), ("G", 30), ("M", 20), ("K", 10)]
    where bytes != 0 && bytes % (1 << shift) == 0 {
      return "\(bytes >> shift)\(unit)"
    }
    return "\(bytes)B"
  }

  /// A whole number of milliseconds in its longest unit: `100ms`, `1d`.
  package static func text(_ duration: Duration) -> String {
    let milliseconds = duration.milliseconds
    guard milliseconds != 0 else { return "0s" }
    for unit in timeUnits where unit.name != "w" && unit.name != "min" {
      let length = unit.nanoseconds / 1_000_000
      if milliseconds % length == 0 { return "\(milliseconds / length)\(unit.name)" }
    }
    return "\(milliseconds)ms"
  }

  /// What is wrong with a text that is no size, where it is the unit.
  static func faultOfBytes(_ text: String) -> String? {
    guard let (_, rest) = leadingNumber(text.utf8[...]) else { return nil }
    let unit = String(decoding: rest.drop { $0 == UInt8(ascii: " ") }, as: UTF8.self)
    if unit.isEmpty { return "a unit is missing: \(sizeUnits)" }
    if unit.last == " " { return "there is a space at the end" }
    guard power(of: unit.lowercased()) == nil else { return nil }
    return "\(quoted(unit)) is not a unit: \(sizeUnits)"
  }

  /// What is wrong with a text that is no duration, where it is a unit.
  static func faultOfDuration(_ text: String) -> String? {
    var rest = text.utf8[...]
    while let (_, after) = leadingNumber(rest) {
      let name = after.drop { $0 == UInt8(ascii: " ") }.prefix {
        $0 != UInt8(ascii: " ") && !$0.isDigit
      }
      let unit = String(decoding: name, as: UTF8.self)
      if unit.isEmpty { return "a unit is missing: \(durationUnits)" }
      guard timeUnits.contains(where: { $0.name == unit }) else {
        return "\(quoted(unit)) is not a unit: \(durationUnits)"
      }
      rest = text.utf8[name.endIndex...].drop { $0 == UInt8(ascii: " ") }
    }
    return rest.isEmpty && text.last == " " ? "there is a space at the end" : nil
  }

  private static let sizeUnits = "B, K, M, G and T are units, powers of 1024"
  private static let durationUnits = "w, d, h, m, s and ms are units, in small letters"

  private static let timeUnits: [(name: String, nanoseconds: Int)] = [
    ("w", 604_800_000_000_000), ("d", 86_400_000_000_000), ("h", 3_600_000_000_000),
    ("min", 60_000_000_000), ("m", 60_000_000_000), ("s", 1_000_000_000), ("ms", 1_000_000),
  ]

  /// The power of 1024 that a unit, in small letters, stands for.
  private static func power(of unit: String) -> Int? {
    switch unit {
    case "b": 0
    case "k", "kib": 1
    case "m", "mib": 2
    case "g", "gib": 3
    case "t", "tib": 4
    default: nil
    }
  }

  /// Digits, with at most one point between them.
  private struct Number {
    /// The digits without the point.
    var digits: Int
    /// 10 to the power of how many of them stand after it.
    var divisor: Int

    /// So many units; nil if that does not fit, or is not whole although it must be.
    func times(_ unit: Int, exactly: Bool) -> Int? {
      let (high, low) = digits.multipliedFullWidth(by: unit)
      guard high.magnitude < divisor.magnitude else { return nil }
      let (quotient, remainder) = divisor.magnitude.dividingFullWidth((high.magnitude, low))
      if remainder == 0 { return Int(exactly: quotient) }
      guard !exactly else { return nil }
      return Int(exactly: remainder >= divisor.magnitude - remainder ? quotient + 1 : quotient)
    }
  }

  /// The number that a text begins with, and what follows it. No sign, no exponent, and a digit on
  /// both sides of a point.
  private static func leadingNumber(
    _ text: Substring.UTF8View
  ) -> (number: Number, rest: Substring.UTF8View)? {
    let whole = text.prefix(while: \.isDigit)
    guard !whole.isEmpty else { return nil }
    var rest = text[whole.endIndex...]
    var digits = Array(whole)
    var divisor = 1
    if rest.first == UInt8(ascii: ".") {
      let fraction = rest.dropFirst().prefix(while: \.isDigit)
      guard (1...9).contains(fraction.count) else { return nil }
      digits += fraction
      for _ in fraction { divisor *= 10 }
      rest = rest[fraction.endIndex...]
    }
    guard let value = Int(String(decoding: digits, as: UTF8.self)) else { return nil }
    return (Number(digits: value, divisor: divisor), rest)
  }
}
