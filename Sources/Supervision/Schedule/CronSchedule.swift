/// When a scheduled process runs: five fields of crontab(5), or a name such as `@hourly`, with the
/// meaning that they have to Debian's cron.
package struct CronSchedule: Hashable, Sendable {
  /// As it was written.
  package let text: String
  /// A bit for each minute, 0 to 59.
  let minutes: UInt64
  /// A bit for each hour, 0 to 23.
  let hours: UInt64
  /// What is asked of the date.
  let days: CronDays
  /// Whether it is for times of the day, by the local clock, rather than for each so many minutes
  /// or hours: then a change of the clock neither leaves a run out nor repeats it.
  let isForFixedTimes: Bool

  /// Why a text is no schedule, in words that name the field and what is allowed.
  package struct Mistake: Error, Hashable, Sendable {
    package let message: String

    package init(_ message: String) {
      self.message = message
    }
  }

  /// What a name stands for, by its lower-case form; see crontab(5).
  private static let named: KeyValuePairs = [
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
  ]

  /// More than every field needs, so that a schedule can be shown.
  private static let longestText = 1000

  /// Reads a schedule. Throws ``Mistake`` for a text that is none.
  package init(_ text: String) throws(Mistake) {
    guard text.utf8.count <= Self.longestText else {
      throw Mistake("it must be at most \(Self.longestText) bytes long, not \(text.utf8.count)")
    }
    let words = Self.words(of: text)
    let fields = words.first?.hasPrefix("@") == true ? try Self.fields(named: words) : words
    guard fields.count == 5 else {
      throw Mistake(
        "it has \(fields.count) \(fields.count == 1 ? "field" : "fields"), but there must be five: "
          + "minute, hour, day of month, month, day of week; or one of \(Self.names)")
    }
    self.text = text
    minutes = try CronField.minute.mask(of: fields[0])
    hours = try CronField.hour.mask(of: fields[1])
    days = CronDays(
      daysOfMonth: try CronField.dayOfMonth.mask(of: fields[2]),
      months: try CronField.month.mask(of: fields[3]),
      weekdays: try CronField.dayOfWeek.mask(of: fields[4]),
      mustMatchBoth: fields[2].hasPrefix("*") || fields[4].hasPrefix("*"))
    isForFixedTimes = !fields[0].hasPrefix("*") && !fields[1].hasPrefix("*")
  }

  private static func words(of text: String) -> [Substring] {
    text.split { $0 == " " || $0 == "\t" }
  }

  private static func fields(named words: [Substring]) throws(Mistake) -> [Substring] {
    let name = words[0].lowercased()
    guard words.count == 1 else {
      throw Mistake("\(CronField.shown(words[0])) must stand alone, without fields")
    }
    if name == "@reboot" {
      throw Mistake(
        "@reboot is no time: a process without a schedule that has \"save_for_next_run\": true "
          + "is started whenever the supervisor starts")
    }
    guard let fields = named.first(where: { $0.key == name })?.value else {
      throw Mistake("\(CronField.shown(words[0])) is not known; the names are \(names)")
    }
    return Self.words(of: fields)
  }

  private static var names: String { named.map(\.key).joined(separator: ", ") }
}
