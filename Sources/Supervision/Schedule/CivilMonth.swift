import Basics

/// A month of the Gregorian calendar.
struct CivilMonth {
  let year: Int
  /// 1 to 12.
  let month: Int
  /// How many days it has.
  let length: Int
  /// Its first day, in days since 1970-01-01.
  let firstDay: Int64

  /// The month in which a day lies that is given in days since 1970-01-01, and the day of the
  /// month.
  static func containing(_ day: Int64) -> (month: CivilMonth, day: Int) {
    let date = CivilDate(daysSinceEpoch: Int(day))
    let month = CivilMonth(
      year: date.year, month: date.month, length: date.daysInMonth,
      firstDay: day - Int64(date.day) + 1)
    return (month, date.day)
  }

  /// The day of the week of its first day, 0 for Sunday to 6. The 1st of January 1970 was a
  /// Thursday.
  var weekdayOfFirst: Int { Int((firstDay + 4).floorDivided(by: 7).remainder) }

  var next: CivilMonth { Self.containing(firstDay + Int64(length)).month }
}
