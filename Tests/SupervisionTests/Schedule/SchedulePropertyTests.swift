import Basics
import Foundation
import Supervision
import TestSupport
import Testing

/// Random schedules against a walk from minute to minute that follows the main loop of cron as
/// cron(8) describes it.
struct SchedulePropertyTests {
  @Test(arguments: CronZones.names)
  func isDueWhereAWalkThroughEachMinuteSaysSo(name: String) throws {
    let zone = try #require(CronZones.zone(name))
    var dice = SeededRandom(seed: 7)
    var count = 0
    for _ in 0..<20 {
      let text = Self.schedule(&dice)
      let schedule = try CronSchedule(text)
      // Two days around a change of the clock, or some others.
      let change = dice.pick(zone.transitions).at
      let start = change - Int64(dice.pick(0...86400)) / 60 * 60
      let end = start + 2 * 86400
      var found: [Int64] = []
      var moment = Duration.seconds(start - 1)
      while let due = schedule.next(after: moment, in: zone), due < .seconds(end) {
        try #require(due > moment, "\(text) stands still at \(moment)")
        found.append(due.components.seconds)
        moment = due
      }
      let walked = PaperCron(text).runs(from: start, to: end, in: zone)
      #expect(found == walked, "\(text) in \(name) from \(start)")
      count += found.count
    }
    #expect(count > 500, "too little to compare")
  }

  /// Mostly frequent ones, so that there is something to compare.
  private static func schedule(_ dice: inout SeededRandom) -> String {
    func field(_ range: ClosedRange<Int>, _ dice: inout SeededRandom) -> String {
      let (low, high) = (range.lowerBound, range.upperBound)
      let value = dice.pick(range)
      switch dice.pick(0...7) {
      case 0, 1: return "*"
      case 2: return "*/\(dice.pick(1...high))"
      case 3: return "\(value)"
      case 4: return "\(low)-\(value),\(dice.pick(range))"
      case 5: return "\(value)-\(high)/\(dice.pick(1...high))"
      case 6: return "\(low)-\(high)"
      default: return "\(low),\(dice.pick(range)),\(value)"
      }
    }
    let hour = dice.once(in: 2) ? field(0...4, &dice) : field(0...23, &dice)
    let days = dice.once(in: 2) ? "*" : field(1...31, &dice)
    let weekdays = dice.once(in: 2) ? "*" : field(0...7, &dice)
    return
      "\(field(0...59, &dice)) \(hour) \(days) \(dice.once(in: 4) ? field(1...12, &dice) : "*") \(weekdays)"
  }
}

/// A cron that looks at each minute, with fields that are plain sets.
private struct PaperCron {
  private let fields: [Set<Int>]
  private let isWild: Bool
  private let mustMatchBoth: Bool

  init(_ text: String) {
    let words = text.split(separator: " ").map(String.init)
    let ranges = [0...59, 0...23, 1...31, 1...12, 0...7]
    fields = zip(words, ranges).map(Self.values)
    isWild = words[0].hasPrefix("*") || words[1].hasPrefix("*")
    mustMatchBoth = words[2].hasPrefix("*") || words[4].hasPrefix("*")
  }

  private static func values(_ field: String, _ range: ClosedRange<Int>) -> Set<Int> {
    Set(
      field.split(separator: ",").flatMap { element in
        let parts = element.split(separator: "/")
        let ends = parts[0] == "*" ? [] : parts[0].split(separator: "-").compactMap { Int($0) }
        let (first, last) = (ends.first ?? range.lowerBound, ends.last ?? range.upperBound)
        return stride(from: first, through: last, by: parts.count == 2 ? Int(parts[1]) ?? 1 : 1)
      })
  }

  func runs(from start: Int64, to end: Int64, in zone: TimeZoneOffsets) -> [Int64] {
    func minute(_ instant: Int64) -> Int64 { (instant + Int64(zone.offset(at: instant))) / 60 }
    var runs: [Int64] = []
    // Begins early enough to know what has been done when the first minute comes.
    let early = start - 4 * 3600
    var done = minute(early) - 1
    for instant in stride(from: early, to: end, by: 60) {
      let now = minute(instant)
      let isDue: Bool
      switch now - done {
      case 1: isDue = matches(now)
      case ...0 where now - done >= -180: isDue = isWild && matches(now)
      case 2...181: isDue = isWild ? matches(now) : (done + 1...now).contains(where: matches)
      default: isDue = matches(now)
      }
      if now > done || now - done < -180 { done = now }
      if isDue, instant >= start { runs.append(instant) }
    }
    return runs
  }

  private func matches(_ minute: Int64) -> Bool {
    guard fields[0].contains(Int(minute % 60)), fields[1].contains(Int(minute / 60 % 24)) else {
      return false
    }
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = .gmt
    let date = calendar.dateComponents(
      [.day, .month, .weekday], from: Date(timeIntervalSince1970: Double(minute * 60)))
    guard let day = date.day, let month = date.month, let weekday = date.weekday.map({ $0 - 1 }),
      fields[3].contains(month)
    else { return false }
    let byDay = fields[2].contains(day)
    let byWeekday = fields[4].contains(weekday) || weekday == 0 && fields[4].contains(7)
    return mustMatchBoth ? byDay && byWeekday : byDay || byWeekday
  }
}
