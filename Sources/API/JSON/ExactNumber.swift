import FoundationEssentials

/// A JSON number in decimal, as it was written: no binary fraction comes between.
struct ExactNumber: Decodable {
  private let value: Decimal

  init(from decoder: any Decoder) throws {
    value = try decoder.singleValueContainer().decode(Decimal.self)
  }

  /// In plain decimal digits, cut where it is long.
  var text: String { shortened(value.description) }

  /// As JSON, in full.
  var json: String { value.description }

  /// Its value if it has no fraction (`5` and `5.0`) and `Int` holds it.
  var whole: Int? {
    let (digits, fraction) = parts
    guard fraction.allSatisfy({ $0 == UInt8(ascii: "0") }) else { return nil }
    return Int(digits)
  }

  /// As seconds, to the nearest nanosecond; nil where it is negative or `Duration` does not hold
  /// it.
  var seconds: Duration? {
    let (digits, fraction) = parts
    guard !digits.hasPrefix("-"), let seconds = Int64(digits), seconds < 1 << 62 else { return nil }
    var nanoseconds: Int64 = 0
    for place in 0..<9 {
      nanoseconds = nanoseconds * 10 + digit(place, of: fraction)
    }
    if digit(9, of: fraction) >= 5 { nanoseconds += 1 }
    return .seconds(seconds) + .nanoseconds(nanoseconds)
  }

  /// What stands before the point, with its sign, and after it.
  private var parts: (digits: String, fraction: [UInt8]) {
    let pieces = value.description.split(separator: ".", maxSplits: 1)
    guard let digits = pieces.first else { return ("", []) }
    return (String(digits), pieces.count > 1 ? Array(pieces[1].utf8) : [])
  }

  private func digit(_ place: Int, of fraction: [UInt8]) -> Int64 {
    place < fraction.count ? Int64(fraction[place]) - Int64(UInt8(ascii: "0")) : 0
  }
}

/// A number, or a string that may hold one or a name.
enum NumberOrString: Decodable {
  case number(ExactNumber)
  case string(String)

  /// As it was written, for a message.
  var text: String {
    switch self {
    case .number(let number): number.text
    case .string(let text): quoted(text)
    }
  }

  init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    do {
      self = .string(try value.decode(String.self))
    } catch is DecodingError {
      self = .number(try value.decode(ExactNumber.self))
    }
  }
}
