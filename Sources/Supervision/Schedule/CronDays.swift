/// The dates at which a schedule has its runs.
struct CronDays: Hashable {
  /// A bit for each day, 1 to 31.
  let daysOfMonth: UInt64
  /// A bit for each month, 1 to 12.
  let months: UInt64
  /// A bit for each day, 0 for Sunday to 6.
  let weekdays: UInt64
  /// Whether a date must match both its day of the month and its day of the week, because one of
  /// these fields begins with a `*`; one of them is enough otherwise.
  let mustMatchBoth: Bool

  /// After so many years at the latest a date comes back on the same day of the week: the 29th of
  /// February, where a century leaves one out.
  private static let longestWait = 40

  /// The first matching day from `day` on, both in days since 1970-01-01; nil if no year has
  /// one.
  func first(from day: Int64) -> Int64? {
    var (month, dayOfMonth) = CivilMonth.containing(day)
    let lastYear = month.year + Self.longestWait
    while month.year <= lastYear {
      // Whole months are left out at once.
      if months >> UInt64(month.month) & 1 == 1 {
        let left = self.days(of: month) & (.max << UInt64(dayOfMonth))
        if left != 0 { return month.firstDay + Int64(left.trailingZeroBitCount) - 1 }
      }
      month = month.next
      dayOfMonth = 1
    }
    return nil
  }

  /// A bit for each matching day of a month, 1 to 31.
  private func days(of month: CivilMonth) -> UInt64 {
    let all: UInt64 = (1 << UInt64(month.length) - 1) << 1
    // The week that begins with the weekday of the 1st, five times one after the other, from bit 1
    // on.
    let shift = UInt64(month.weekdayOfFirst)
    let week = (weekdays >> shift | weekdays << (7 - shift)) & 0x7f
    let byWeekday = (week * 0x1020_4081) << 1
    return all & (mustMatchBoth ? daysOfMonth & byWeekday : daysOfMonth | byWeekday)
  }
}
