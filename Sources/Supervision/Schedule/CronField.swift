import Basics

/// One of the five fields of a schedule: what it is called, and what may stand in it.
struct CronField {
  private let name: String
  private let range: ClosedRange<Int>
  /// What its values may be called too, beginning with the lowest.
  private var names: [String] = []

  static let minute = CronField(name: "minute", range: 0...59)
  static let hour = CronField(name: "hour", range: 0...23)
  static let dayOfMonth = CronField(name: "day of month", range: 1...31)
  static let month = CronField(
    name: "month", range: 1...12,
    names: [
      "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ])
  /// Sunday is both 0 and 7.
  static let dayOfWeek = CronField(
    name: "day of week", range: 0...7,
    names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"])

  /// A bit for each value that a field names; Sunday is the bit 0 alone. Throws for what is no
  /// field.
  func mask(of text: Substring) throws(CronSchedule.Mistake) -> UInt64 {
    var mask: UInt64 = 0
    for element in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard !element.isEmpty else {
        throw CronSchedule.Mistake("the \(name) \(Self.shown(text)) has nothing beside a comma")
      }
      mask |= try bits(of: element)
    }
    guard range.upperBound == 7 else { return mask }
    return (mask | mask >> 7) & 0x7f
  }

  /// A text out of a schedule, short enough for a message.
  static func shown(_ text: Substring) -> String {
    text.count > 20 ? "\"\(text.prefix(20))...\"" : "\"\(text)\""
  }

  /// `5`, `8-17`, `*` or, with a step, `*/15` or `8-17/3`.
  private func bits(of element: Substring) throws(CronSchedule.Mistake) -> UInt64 {
    let parts = element.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    let step = parts.count == 2 ? try self.step(parts[1], of: element) : nil
    if parts[0] == "*" { return bits(of: range, step: step) }
    let ends = parts[0].split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    let first = try value(of: ends[0])
    guard ends.count == 2 else {
      if step != nil {
        throw CronSchedule.Mistake(
          "the \(name) \(Self.shown(element)) has a step, but no range that it goes through, "
            + "such as \"\(first)-\(lastOfRound)/\(parts[1])\"")
      }
      return bits(of: first...first, step: nil)
    }
    let last = try value(of: ends[1])
    guard first <= last else {
      throw CronSchedule.Mistake(
        "the \(name) \(Self.shown(element)) must go from the lower to the higher value; "
          + "\"\(span(first, lastOfRound)),\(span(range.lowerBound, last))\" goes around")
    }
    return bits(of: first...last, step: step)
  }

  private func bits(of range: ClosedRange<Int>, step: Int?) -> UInt64 {
    stride(from: range.lowerBound, through: range.upperBound, by: step ?? 1)
      .reduce(0) { $0 | 1 << UInt64($1) }
  }

  private func value(of text: Substring) throws(CronSchedule.Mistake) -> Int {
    if let index = names.firstIndex(of: text.lowercased()) { return range.lowerBound + index }
    guard let value = Self.number(text), range.contains(value) else {
      let called = names.isEmpty ? "" : " or a name from \(names[0]) to \(names[names.count - 1])"
      throw CronSchedule.Mistake(
        "the \(name) \(Self.shown(text)) must be a number "
          + "from \(range.lowerBound) to \(range.upperBound)\(called)")
    }
    return value
  }

  /// As with cron, a step may be wider than the range; then only the first value is left.
  private func step(
    _ text: Substring, of element: Substring
  ) throws(CronSchedule.Mistake) -> Int {
    guard let step = Self.number(text), step > 0 else {
      throw CronSchedule.Mistake(
        "the step of the \(name) \(Self.shown(element)) must be a number from 1 to 9999")
    }
    return step
  }

  /// The number of one to four digits that a text is.
  private static func number(_ text: Substring) -> Int? {
    guard (1...4).contains(text.utf8.count),
      text.utf8.allSatisfy(\.isDigit)
    else { return nil }
    return Int(text)
  }

  /// The highest value that is not a second name of the lowest.
  private var lastOfRound: Int { range.upperBound == 7 ? 6 : range.upperBound }

  private func span(_ first: Int, _ last: Int) -> String {
    first == last ? "\(first)" : "\(first)-\(last)"
  }
}
