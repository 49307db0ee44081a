/// A day of the Gregorian calendar.
struct CivilDate: Equatable {
  let year: Int
  let month: Int
  let day: Int

  /// The day so many days after 1970-01-01, at most ten thousand years from it.
  ///
  /// Counts years from 1 March, so that the day which some have and some lack is the last of its
  /// year.
  init(daysSinceEpoch: Int) {
    let daysIn400Years = 146_097
    let marchBased = daysSinceEpoch + 719_468
    let era = (marchBased >= 0 ? marchBased : marchBased - daysIn400Years + 1) / daysIn400Years
    let dayOfEra = marchBased - era * daysIn400Years
    let yearOfEra =
      (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  }
}
