import Basics
import Testing

struct BasicsTests {
  @Test(arguments: [
    (0, 1970, 1, 1), (-1, 1969, 12, 31), (59, 1970, 3, 1), (789, 1972, 2, 29), (790, 1972, 3, 1),
    (11_016, 2000, 2, 29), (47_540, 2100, 2, 28), (47_541, 2100, 3, 1), (-719_468, 0, 3, 1),
    (-719_469, 0, 2, 29), (-719_529, -1, 12, 31), (2_932_896, 9999, 12, 31),
  ])
  func aDayIsADate(days: Int, year: Int, month: Int, day: Int) {
    let date = CivilDate(daysSinceEpoch: days)
    #expect(date.year == year && date.month == month && date.day == day)
  }

  /// Day after day over 1,200 years, counted by hand.
  @Test func datesFollowOneAnother() {
    var (year, month, day) = (1600, 1, 1)
    var weekday = 6
    for number in -135_140...303_000 {
      let date = CivilDate(daysSinceEpoch: number)
      let time = CivilTime(secondsSinceEpoch: number * 86_400 + 86_399)
      guard date.year == year, date.month == month, date.day == day, time.date == date,
        time.weekday == weekday
      else {
        Issue.record("\(number) is \(date), and \(time.weekday)")
        return
      }
      weekday = (weekday + 1) % 7
      day += 1
      if day > date.daysInMonth { (month, day) = (month + 1, 1) }
      if month > 12 { (year, month) = (year + 1, 1) }
    }
    #expect(year == 2799 && month == 8)
  }

  @Test(arguments: [
    (0, 0, 0, 0), (86_399, 23, 59, 59), (-1, 23, 59, 59), (3_661, 1, 1, 1), (-86_400, 0, 0, 0),
  ])
  func aSecondIsATime(seconds: Int, hour: Int, minute: Int, second: Int) {
    let time = CivilTime(secondsSinceEpoch: seconds)
    #expect(time.hour == hour && time.minute == minute && time.second == second)
  }

  @Test(arguments: [(7, 2, 3, 1), (-7, 2, -4, 1), (-8, 2, -4, 0), (0, 5, 0, 0), (-1, 5, -1, 4)])
  func aQuotientIsRoundedDown(value: Int, divisor: Int, quotient: Int, remainder: Int) {
    let result = value.floorDivided(by: divisor)
    #expect(result.quotient == quotient && result.remainder == remainder)
  }

  @Test func theClassesAreThoseOfASCII() {
    for byte in UInt8.min...UInt8.max {
      let character = Character(Unicode.Scalar(byte))
      #expect(byte.isDigit == ("0"..."9").contains(character))
      #expect(byte.isLowercaseLetter == ("a"..."z").contains(character))
      #expect(byte.isLetter == (character.isASCII && character.isLetter))
      #expect(byte.hexadecimalValue.map(Int.init) == (byte < 128 ? character.hexDigitValue : nil))
      let lower = byte < 128 ? character.lowercased() : String(character)
      #expect(Character(Unicode.Scalar(byte.lowercased)) == Character(lower))
    }
  }

  @Test func bytesAreTwoDigitsEach() {
    #expect(hexadecimal([0x00, 0x0F, 0xA0, 0xFF]) == "000fa0ff" && hexadecimal([]).isEmpty)
  }

  @Test(arguments: [
    (Duration.seconds(2), "2s"), (.zero, "0s"), (.milliseconds(500), "0.5s"),
    (.milliseconds(1), "0.001s"), (.microseconds(900), "0s"), (.milliseconds(2_550), "2.55s"),
    (.seconds(90_000), "90000s"),
  ])
  func aDurationIsWrittenInSeconds(duration: Duration, text: String) {
    #expect(duration.text == text)
  }
}
