import Basics

/// The value of a `Date` field: `Sun, 06 Nov 1994 08:49:37 GMT` (IMF-fixdate, RFC 9110, 5.6.7).
package func httpDate(secondsSinceEpoch: Int64) -> String {
  let time = CivilTime(secondsSinceEpoch: Int(secondsSinceEpoch))
  return
    "\(weekdayNames[time.weekday]), \(padded(time.date.day, 2)) \(monthNames[time.date.month - 1])"
    + " \(padded(time.date.year, 4)) \(padded(time.hour, 2)):\(padded(time.minute, 2))"
    + ":\(padded(time.second, 2)) GMT"
}

private let weekdayNames = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
private let monthNames = [
  "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
]

private func padded(_ number: Int, _ width: Int) -> String {
  let digits = String(number)
  return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
