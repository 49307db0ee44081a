/// The value of a `Date` field: `Sun, 06 Nov 1994 08:49:37 GMT` (IMF-fixdate, RFC 9110, 5.6.7).
package func httpDate(secondsSinceEpoch: Int64) -> String {
  let (days, second) = floorDivide(secondsSinceEpoch, 86_400)
  let (year, month, day) = civilDate(daysSinceEpoch: days)
  let weekday = floorDivide(days + 4, 7).remainder
  return "\(weekdayNames[Int(weekday)]), \(padded(day, 2)) \(monthNames[Int(month) - 1])"
    + " \(padded(year, 4)) \(padded(second / 3600, 2)):\(padded(second / 60 % 60, 2))"
    + ":\(padded(second % 60, 2)) GMT"
}

private let weekdayNames = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
private let monthNames = [
  "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
]

/// The Gregorian date of a day. Years are counted from March, so that the leap day ends one.
private func civilDate(daysSinceEpoch: Int64) -> (year: Int64, month: Int64, day: Int64) {
  let (era, dayOfEra) = floorDivide(daysSinceEpoch + 719_468, 146_097)
  let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
  let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
  let monthFromMarch = (5 * dayOfYear + 2) / 153
  let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
  let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
  return (era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month, day)
}

private func floorDivide(_ value: Int64, _ by: Int64) -> (quotient: Int64, remainder: Int64) {
  let (quotient, remainder) = value.quotientAndRemainder(dividingBy: by)
  return remainder < 0 ? (quotient - 1, remainder + by) : (quotient, remainder)
}

private func padded(_ number: Int64, _ width: Int) -> String {
  let digits = String(number)
  return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
