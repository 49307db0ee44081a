import Basics

extension JSONWriter {
  /// A number of seconds, exact: without a point where it is whole, else with up to nine decimals,
  /// or cut to fewer.
  mutating func seconds(_ duration: Duration, decimals: Int = 9) {
    separate()
    append(seconds: duration, decimals: decimals)
  }

  /// A time since 1970.
  mutating func time(_ sinceEpoch: Duration) {
    separate()
    append(time: sinceEpoch)
  }

  /// Adds a time since 1970 as RFC 3339 has it, in whole seconds of UTC: `"2025-07-16T04:10:09Z"`.
  mutating func append(time sinceEpoch: Duration) {
    let time = CivilTime(secondsSinceEpoch: sinceEpoch.secondsRoundedDown)
    let start = bytes.count
    append(#""0000-00-00T00:00:00Z""#)
    set(twoDigits: time.date.year / 100, at: start + 1)
    set(twoDigits: time.date.year % 100, at: start + 3)
    set(twoDigits: time.date.month, at: start + 6)
    set(twoDigits: time.date.day, at: start + 9)
    set(twoDigits: time.hour, at: start + 12)
    set(twoDigits: time.minute, at: start + 15)
    set(twoDigits: time.second, at: start + 18)
  }
}
