/// A JSON number in decimal, as it was written: no binary fraction comes between.
struct ExactNumber: Hashable, Sendable {
  /// As it was written.
  let json: String
  private let isNegative: Bool
  /// All digits, with no zero at the beginning or the end; none for zero.
  private let digits: [UInt8]
  /// The power of ten that the last digit counts; nil where `Int` does not hold it.
  private let exponent: Int?

  /// Takes a number apart that is one (RFC 8259, 6).
  init(_ json: String) {
    self.json = json
    var rest = Substring(json).utf8
    isNegative = rest.first == UInt8(ascii: "-")
    if isNegative { rest.removeFirst() }
    let mantissa = rest.prefix { $0 != UInt8(ascii: "e") && $0 != UInt8(ascii: "E") }
    let pieces = mantissa.split(separator: UInt8(ascii: "."))
    var digits = pieces.flatMap { Array($0) }
    var exponent = -(pieces.count > 1 ? pieces[1].count : 0)
    let zeros = digits.reversed().prefix { $0 == UInt8(ascii: "0") }.count
    digits.removeLast(zeros)
    exponent += zeros
    self.digits = Array(digits.drop { $0 == UInt8(ascii: "0") })
    rest = rest[mantissa.endIndex...].dropFirst()
    guard !self.digits.isEmpty, !rest.isEmpty else {
      self.exponent = self.digits.isEmpty ? 0 : exponent
      return
    }
    let (sum, overflow) = exponent.addingReportingOverflow(Int(Substring(rest)) ?? Int.max)
    self.exponent = overflow || Int(Substring(rest)) == nil ? nil : sum
  }

  /// Whether it has more digits, or a larger exponent, than anything here can hold.
  var isVast: Bool {
    guard let exponent else { return true }
    return exponent < -Self.mostPlaces || digits.count > Self.mostPlaces
      || digits.count + exponent > Self.mostPlaces
  }

  /// Before the point, and after it.
  private static let mostPlaces = 160

  /// In plain decimal digits, cut where it is long.
  var text: String { isVast ? shortened(json) : shortened(plain) }

  private var plain: String {
    let (whole, fraction) = parts
    let sign = isNegative && !digits.isEmpty ? "-" : ""
    return sign + whole + (fraction.isEmpty ? "" : "." + String(decoding: fraction, as: UTF8.self))
  }

  /// Its value if it has no fraction (`5` and `5.0`) and `Int` holds it.
  var whole: Int? {
    guard !isVast else { return nil }
    let (whole, fraction) = parts
    return fraction.isEmpty ? Int(isNegative ? "-\(whole)" : whole) : nil
  }

  /// As seconds, to the nearest nanosecond; nil where it is negative or `Duration` does not hold
  /// it.
  var seconds: Duration? {
    guard !isVast, !isNegative || digits.isEmpty else { return nil }
    let (whole, fraction) = parts
    guard let seconds = Int64(whole), seconds < 1 << 62 else { return nil }
    var nanoseconds: Int64 = 0
    for place in 0..<9 {
      nanoseconds = nanoseconds * 10 + digit(place, of: fraction)
    }
    if digit(9, of: fraction) >= 5 { nanoseconds += 1 }
    return .seconds(seconds) + .nanoseconds(nanoseconds)
  }

  /// What stands before the point, without a sign, and after it, without zeros at its end. It is not vast.
  private var parts: (whole: String, fraction: [UInt8]) {
    let zero = UInt8(ascii: "0")
    let exponent = exponent ?? 0
    guard exponent < 0 else {
      let all = digits + [UInt8](repeating: zero, count: digits.isEmpty ? 0 : exponent)
      return (all.isEmpty ? "0" : String(decoding: all, as: UTF8.self), [])
    }
    let wholeCount = max(0, digits.count + exponent)
    let whole = digits[..<wholeCount]
    let fraction =
      [UInt8](repeating: zero, count: max(0, -exponent - digits.count)) + digits[wholeCount...]
    return (whole.isEmpty ? "0" : String(decoding: whole, as: UTF8.self), fraction)
  }

  private func digit(_ place: Int, of fraction: [UInt8]) -> Int64 {
    place < fraction.count ? Int64(fraction[place]) - Int64(UInt8(ascii: "0")) : 0
  }
}

/// A number, or a string that may hold one or a name.
enum NumberOrString {
  case number(ExactNumber)
  case string(String)

  /// As it was written, for a message.
  var text: String {
    switch self {
    case .number(let number): number.text
    case .string(let text): quoted(text)
    }
  }
}
