/// A second in UTC, by the calendar and the clock.
package struct CivilTime: Equatable, Sendable {
  package let date: CivilDate
  /// 0 for Sunday to 6.
  package let weekday: Int
  package let hour: Int
  package let minute: Int
  package let second: Int

  /// The second so many seconds after the beginning of 1970, which may be negative.
  package init(secondsSinceEpoch: Int) {
    let (day, second) = secondsSinceEpoch.floorDivided(by: 86_400)
    date = CivilDate(daysSinceEpoch: day)
    // The 1st of January 1970 was a Thursday.
    weekday = (day + 4).floorDivided(by: 7).remainder
    hour = second / 3_600
    minute = second / 60 % 60
    self.second = second % 60
  }
}
