/// A month of the Gregorian calendar.
struct CivilMonth {
  let year: Int
  /// 1 to 12.
  let month: Int
  /// Its first day, in days since 1970-01-01.
  let firstDay: Int64

  /// The month in which a day lies that is given in days since 1970-01-01, and the day of the month.
  ///
  /// Years are taken to begin in March, so that a leap day is the last day of one; 400 of them are an era,
  /// and eras are all of the same length.
  static func containing(_ day: Int64) -> (month: CivilMonth, day: Int) {
    // 719 468 days lie between the 1st of March of the year 0 and 1970.
    let shifted = day + 719_468
    let era = shifted.flooredDivision(by: 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    // The months from March on are 31, 30, 31, 30, 31 days long, twice and then some.
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let dayOfMonth = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    let month = Int(monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9)
    let year = Int(yearOfEra + era * 400) + (month <= 2 ? 1 : 0)
    let first = CivilMonth(year: year, month: month, firstDay: day - dayOfMonth + 1)
    return (first, Int(dayOfMonth))
  }

  /// How many days it has.
  var length: Int {
    switch month {
    case 2: isInLeapYear ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// The day of the week of its first day, 0 for Sunday to 6. The 1st of January 1970 was a Thursday.
  var weekdayOfFirst: Int { Int(firstDay + 4 - (firstDay + 4).flooredDivision(by: 7) * 7) }

  var next: CivilMonth {
    CivilMonth(
      year: month == 12 ? year + 1 : year, month: month == 12 ? 1 : month + 1,
      firstDay: firstDay + Int64(length))
  }

  private var isInLeapYear: Bool {
    year.isMultiple(of: 4) && !year.isMultiple(of: 100) || year.isMultiple(of: 400)
  }
}

extension Int64 {
  /// The quotient, rounded down also where it is negative.
  func flooredDivision(by divisor: Int64) -> Int64 {
    let quotient = self / divisor
    return quotient * divisor > self ? quotient - 1 : quotient
  }
}
