import Basics

/// A JSON number in decimal, as it was written: no binary fraction comes between.
///
/// Only its text is kept: of a body with a million numbers most are never asked for.
struct ExactNumber: Hashable, Sendable {
  /// As it was written (RFC 8259, 6).
  let json: String

  init(_ json: String) {
    self.json = json
  }

  /// Its digits without a zero at the beginning or the end, none for zero, and the power of ten
  /// that the last one counts; nil if `Int` does not hold that.
  private var decimal: (isNegative: Bool, digits: ArraySlice<UInt8>, exponent: Int?) {
    var rest = json.utf8[...]
    let isNegative = rest.first == UInt8(ascii: "-")
    if isNegative { rest.removeFirst() }
    let mantissa = rest.prefix { $0.lowercased != UInt8(ascii: "e") }
    let pieces = mantissa.split(separator: UInt8(ascii: "."))
    let all = Array(pieces.joined())
    let zeros = all.reversed().prefix { $0 == UInt8(ascii: "0") }.count
    let digits = all.dropLast(zeros).drop { $0 == UInt8(ascii: "0") }
    guard !digits.isEmpty else { return (isNegative, [], 0) }
    let places = zeros - (pieces.count > 1 ? pieces[1].count : 0)
    let written = rest[mantissa.endIndex...].dropFirst()
    guard !written.isEmpty else { return (isNegative, digits, places) }
    let sum = Int(Substring(written)).map { places.addingReportingOverflow($0) }
    return (isNegative, digits, sum.flatMap { $0.overflow ? nil : $0.partialValue })
  }

  /// Whether it has more digits, or a larger exponent, than anything here can hold.
  var isVast: Bool { plain == nil }

  /// Before the point, and after it.
  private static let mostPlaces = 160

  /// In plain decimal digits, cut where it is long.
  var text: String {
    guard let plain else { return shortened(json) }
    let fraction = String(decoding: plain.fraction, as: UTF8.self)
    return shortened(
      (plain.isNegative ? "-" : "") + plain.whole + (fraction.isEmpty ? "" : ".\(fraction)"))
  }

  /// Its value if it has no fraction (`5` and `5.0`) and `Int` holds it.
  var whole: Int? {
    guard let plain, plain.fraction.isEmpty else { return nil }
    return Int(plain.isNegative ? "-\(plain.whole)" : plain.whole)
  }

  /// As seconds, to the nearest nanosecond; nil if it is negative or `Duration` does not hold
  /// it.
  var seconds: Duration? {
    guard let plain, !plain.isNegative, let seconds = Int64(plain.whole), seconds < 1 << 62 else {
      return nil
    }
    var nanoseconds: Int64 = 0
    for place in 0..<9 {
      nanoseconds = nanoseconds * 10 + digit(place, of: plain.fraction)
    }
    if digit(9, of: plain.fraction) >= 5 { nanoseconds += 1 }
    return .seconds(seconds) + .nanoseconds(nanoseconds)
  }

  /// What stands before the point and after it, without zeros at its end; zero is not negative. Nil
  /// if it is vast.
  private var plain: (isNegative: Bool, whole: String, fraction: [UInt8])? {
    let (isNegative, digits, exponent) = decimal
    guard let exponent, exponent >= -Self.mostPlaces, digits.count <= Self.mostPlaces,
      digits.count + exponent <= Self.mostPlaces
    else { return nil }
    let zero = UInt8(ascii: "0")
    let wholeCount = max(0, digits.count + min(0, exponent))
    let whole = digits.prefix(wholeCount) + Array(repeating: zero, count: max(0, exponent))
    let fraction =
      Array(repeating: zero, count: max(0, -exponent - digits.count))
      + digits.dropFirst(wholeCount)
    return (
      isNegative && !digits.isEmpty,
      digits.isEmpty || whole.isEmpty ? "0" : String(decoding: whole, as: UTF8.self), fraction
    )
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
