/// A day of the proleptic Gregorian calendar.
package struct CivilDate: Equatable, Sendable {
  package let year: Int
  /// 1 to 12.
  package let month: Int
  /// 1 to 31.
  package let day: Int

  /// The day so many days after 1970-01-01.
  ///
  /// Years are counted from March, so that a leap day is the last day of one; 400 of them are an
  /// era, and eras are all of the same length.
  package init(daysSinceEpoch: Int) {
    // 719 468 days lie between the 1st of March of the year 0 and 1970.
    let (era, dayOfEra) = (daysSinceEpoch + 719_468).floorDivided(by: 146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    // The months from March on are 31, 30, 31, 30, 31 days long, twice and then some.
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  }

  /// How many days its month has.
  package var daysInMonth: Int {
    switch month {
    case 2: isInLeapYear ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  private var isInLeapYear: Bool {
    year.isMultiple(of: 4) && !year.isMultiple(of: 100) || year.isMultiple(of: 400)
  }
}
