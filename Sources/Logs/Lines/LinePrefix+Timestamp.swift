import Basics

extension LinePrefix {
  /// Appends `[YYYY-MM-DD HH:MM:SS] ` in UTC, by the proleptic Gregorian calendar.
  ///
  /// - Parameter second: seconds since 1970, also before it.
  mutating func append(timestamp second: Int64) {
    let time = CivilTime(secondsSinceEpoch: Int(second))
    append("[")
    if time.date.year < 0 { append("-") }
    append(decimal: UInt64(time.date.year.magnitude), width: 4)
    append("-")
    append(twoDigits: time.date.month)
    append("-")
    append(twoDigits: time.date.day)
    append(" ")
    append(twoDigits: time.hour)
    append(":")
    append(twoDigits: time.minute)
    append(":")
    append(twoDigits: time.second)
    append("] ")
  }

  private mutating func append(twoDigits number: Int) {
    append(decimal: UInt64(number.magnitude), width: 2)
  }
}
