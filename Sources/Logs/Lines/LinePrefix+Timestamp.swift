extension LinePrefix {
  /// Appends `[YYYY-MM-DD HH:MM:SS] ` in UTC, by the proleptic Gregorian calendar.
  ///
  /// The calendar is counted in years that begin in March, so that the leap day is the last one
  /// of its year and the months have lengths that one formula gives: 153 days in five months.
  ///
  /// - Parameter second: seconds since 1970, also before it.
  mutating func append(timestamp second: Int64) {
    let (day, timeOfDay) = second.flooringDivision(by: 86_400)
    // Days since 1 March of the year 0; an era is 400 years and always has 146097 days.
    let (era, dayOfEra) = (day + 719_468).flooringDivision(by: 146_097)
    let yearOfEra =
      (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let dayOfMonth = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    let year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0)

    append("[")
    if year < 0 { append("-") }
    append(decimal: year.magnitude, width: 4)
    append("-")
    append(twoDigits: month)
    append("-")
    append(twoDigits: dayOfMonth)
    append(" ")
    append(twoDigits: timeOfDay / 3_600)
    append(":")
    append(twoDigits: timeOfDay / 60 % 60)
    append(":")
    append(twoDigits: timeOfDay % 60)
    append("] ")
  }

  private mutating func append(twoDigits number: Int64) {
    append(decimal: number.magnitude, width: 2)
  }
}

extension Int64 {
  /// Quotient and remainder with the remainder never negative.
  fileprivate func flooringDivision(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }
}
