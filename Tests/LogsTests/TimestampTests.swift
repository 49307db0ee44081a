import Basics
import Logs
import Testing

@Suite struct TimestampTests {
  static let table: [(Int64, String)] = [
    (0, "1970-01-01 00:00:00"),
    (-1, "1969-12-31 23:59:59"),
    (59, "1970-01-01 00:00:59"),
    (86_399, "1970-01-01 23:59:59"),
    (86_400, "1970-01-02 00:00:00"),
    (951_782_399, "2000-02-28 23:59:59"),
    (951_782_400, "2000-02-29 00:00:00"),
    (951_868_800, "2000-03-01 00:00:00"),
    (1_709_164_800, "2024-02-29 00:00:00"),
    (1_709_251_199, "2024-02-29 23:59:59"),
    (1_740_787_199, "2025-02-28 23:59:59"),
    (1_740_787_200, "2025-03-01 00:00:00"),
    (1_752_575_445, "2025-07-15 10:30:45"),
    (1_767_225_599, "2025-12-31 23:59:59"),
    (2_147_483_648, "2038-01-19 03:14:08"),
    (4_107_542_400, "2100-03-01 00:00:00"),
    (4_107_542_399, "2100-02-28 23:59:59"),
    (253_402_300_799, "9999-12-31 23:59:59"),
    (253_402_300_800, "10000-01-01 00:00:00"),
    (-62_135_596_800, "0001-01-01 00:00:00"),
    (-62_135_596_801, "0000-12-31 23:59:59"),
    (-62_162_208_001, "0000-02-27 23:59:59"),
    (-62_167_219_201, "-0001-12-31 23:59:59"),
  ]

  @Test func timesAreRenderedInUTC() throws {
    try withScene { scene in
      let log = try scene.log()
      let input = log.input(.stdout, run: nil)
      for (seconds, _) in Self.table {
        scene.time = .seconds(seconds)
        input.write("\n")
      }
      try scene.close(log)
      #expect(try scene.lines() == Self.table.map { "[\($0.1)] STDOUT: " })
    }
  }

  @Test func everyDayOfEightHundredYearsIsOneDayAfterTheLast() throws {
    try withScene { scene in
      let log = try scene.log()
      let input = log.input(.stdout, run: nil)
      var expected: [String] = []
      var day = Int64(-2_208_988_800)  // 1900-01-01
      for year in 1900..<2700 {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        for (month, length) in lengths.enumerated() {
          for date in 1...length {
            scene.time = .seconds(day)
            input.write("\n")
            day += 86_400
            let twoDigits = [month + 1, date].map { $0 < 10 ? "0\($0)" : "\($0)" }
            expected.append("[\(year)-\(twoDigits[0])-\(twoDigits[1]) 00:00:00] STDOUT: ")
          }
        }
      }
      try scene.close(log)
      #expect(try scene.lines() == expected)
    }
  }

  @Test func aFractionOfASecondIsCutOffDownwards() throws {
    try withScene { scene in
      let log = try scene.log()
      let input = log.input(.stdout, run: nil)
      for milliseconds in [-1, 999, 1_000] {
        scene.time = .milliseconds(milliseconds)
        input.write("\n")
      }
      try scene.close(log)
      #expect(
        try scene.lines() == [
          "[1969-12-31 23:59:59] STDOUT: ", "[1970-01-01 00:00:00] STDOUT: ",
          "[1970-01-01 00:00:01] STDOUT: ",
        ])
    }
  }
}
