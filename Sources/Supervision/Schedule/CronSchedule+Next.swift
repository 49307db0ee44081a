import Basics

extension CronSchedule {
  /// The clock is taken to be corrected, rather than to follow the season, where it changes by more
  /// than this many seconds: cron(8) then begins afresh with the new time.
  private static let largestSeasonalChange: Int64 = 3 * 3600

  /// The first instant after `moment` at which a run is due, both since 1970 UTC; nil if there is
  /// none.
  ///
  /// Where the clock changes, it does as cron(8) says: a schedule for fixed times has a run at the
  /// change for what is due in the time that is skipped, and none in the time that is repeated; one
  /// whose minute or hour begins with a `*` follows the clock.
  package func next(after moment: Duration, in zone: TimeZoneOffsets) -> Duration? {
    let (seconds, fraction) = moment.components
    // The first whole second after the moment.
    let earliest = fraction < 0 ? seconds : seconds + 1
    var span = zone.span(at: earliest)
    while true {
      if let due = due(from: earliest, in: span) { return .seconds(due) }
      guard let end = span.end else { return nil }
      span = zone.span(at: end)
    }
  }

  /// The first second, not before `earliest`, of a span with one offset in which a run is due.
  private func due(from earliest: Int64, in span: TimeZoneOffsets.Span) -> Int64? {
    var firstLocal = max(earliest, span.start ?? earliest) + span.offset
    if isForFixedTimes, let start = span.start, let before = span.offsetBefore {
      let (old, new) = (start + before, start + span.offset)
      if abs(new - old) <= Self.largestSeasonalChange {
        if old < new, start >= earliest, isDue(from: old, before: new) { return start }
        firstLocal = max(firstLocal, old)
      }
    }
    guard let local = firstMatch(from: firstLocal) else { return nil }
    let due = local - span.offset
    if let end = span.end, due >= end { return nil }
    return due
  }

  /// Whether the fields match a minute that begins in this part of the local time.
  private func isDue(from first: Int64, before end: Int64) -> Bool {
    guard let match = firstMatch(from: first) else { return false }
    return match < end
  }

  /// The first minute of the local time, from a second of it on, that the fields match; both are as
  /// if the local time were UTC. Goes from one matching day to the next, and in a day to the hour
  /// and the minute.
  private func firstMatch(from local: Int64) -> Int64? {
    let firstMinute = (local + 59).floorDivided(by: 60).quotient
    let firstDay = firstMinute.floorDivided(by: 1440).quotient
    guard let day = days.first(from: firstDay) else { return nil }
    if day == firstDay, let minute = firstMinuteOfDay(from: firstMinute - firstDay * 1440) {
      return (day * 1440 + minute) * 60
    }
    guard let later = day == firstDay ? days.first(from: day + 1) : day,
      let minute = firstMinuteOfDay(from: 0)
    else { return nil }
    return (later * 1440 + minute) * 60
  }

  /// The first minute of a day, from one on, that the hour and the minute match.
  private func firstMinuteOfDay(from minute: Int64) -> Int64? {
    let (hour, minuteOfHour) = minute.quotientAndRemainder(dividingBy: 60)
    let thisHour = hours >> UInt64(hour) & 1 == 1
    let left = minutes & (.max << UInt64(minuteOfHour))
    if thisHour, left != 0 { return hour * 60 + Int64(left.trailingZeroBitCount) }
    let laterHours = hours & (.max << UInt64(hour + 1))
    guard laterHours != 0 else { return nil }
    return Int64(laterHours.trailingZeroBitCount) * 60 + Int64(minutes.trailingZeroBitCount)
  }
}
