import Basics
import Supervision
import TestSupport
import Testing

/// What a schedule may be, and what is said of one that is none.
struct ScheduleTests {
  @Test(arguments: [
    ("61 * * * *", #"the minute "61" must be a number from 0 to 59"#),
    ("* 24 * * *", #"the hour "24" must be a number from 0 to 23"#),
    ("* * 0 * *", #"the day of month "0" must be a number from 1 to 31"#),
    ("* * 32 * *", #"the day of month "32" must be a number from 1 to 31"#),
    ("* * L * *", #"the day of month "L" must be a number from 1 to 31"#),
    (
      "* * * 13 *",
      #"the month "13" must be a number from 1 to 12 or a name from jan to dec"#
    ),
    (
      "* * * * 8",
      #"the day of week "8" must be a number from 0 to 7 or a name from sun to sat"#
    ),
    (
      "* * * * monday",
      #"the day of week "monday" must be a number from 0 to 7 or a name from sun to sat"#
    ),
    ("jan * * * *", #"the minute "jan" must be a number from 0 to 59"#),
    ("-1 * * * *", #"the minute "" must be a number from 0 to 59"#),
    ("+1 * * * *", #"the minute "+1" must be a number from 0 to 59"#),
    ("1.5 * * * *", #"the minute "1.5" must be a number from 0 to 59"#),
    ("00001 * * * *", #"the minute "00001" must be a number from 0 to 59"#),
    ("1- * * * *", #"the minute "" must be a number from 0 to 59"#),
    ("1,,2 * * * *", #"the minute "1,,2" has nothing beside a comma"#),
    (", * * * *", #"the minute "," has nothing beside a comma"#),
    ("*/0 * * * *", #"the step of the minute "*/0" must be a number from 1 to 9999"#),
    ("*/ * * * *", #"the step of the minute "*/" must be a number from 1 to 9999"#),
    ("*/5/5 * * * *", #"the step of the minute "*/5/5" must be a number from 1 to 9999"#),
    (
      "5/15 * * * *",
      #"the minute "5/15" has a step, but no range that it goes through, such as "5-59/15""#
    ),
    (
      "0 22-2 * * *",
      #"the hour "22-2" must go from the lower to the higher value; "22-23,0-2" goes around"#
    ),
    (
      "0 0 * * sat-sun",
      #"the day of week "sat-sun" must go from the lower to the higher value; "6,0" goes around"#
    ),
    (
      "* * * *",
      """
      it has 4 fields, but there must be five: minute, hour, day of month, month, day of week; \
      or one of @yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly
      """
    ),
    (
      "",
      """
      it has 0 fields, but there must be five: minute, hour, day of month, month, day of week; \
      or one of @yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly
      """
    ),
    (
      "0 0 * * * *",
      """
      it has 6 fields, but there must be five: minute, hour, day of month, month, day of week; \
      or one of @yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly
      """
    ),
    (
      "@fortnightly",
      """
      "@fortnightly" is not known; the names are \
      @yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly
      """
    ),
    (
      "@reboot",
      """
      @reboot is no time: a process without a schedule that has "save_for_next_run": true \
      is started whenever the supervisor starts
      """
    ),
    ("@daily 5", #""@daily" must stand alone, without fields"#),
    (
      "x123456789012345678901234567890 * * * *",
      #"the minute "x1234567890123456789..." must be a number from 0 to 59"#
    ),
  ])
  func whatIsWrongIsSaid(text: String, message: String) {
    #expect(throws: CronSchedule.Mistake(message)) { try CronSchedule(text) }
  }

  @Test func aTextThatIsTooLongIsRefused() {
    let text = String(repeating: " ", count: 992) + "* * * * *"
    #expect(throws: CronSchedule.Mistake("it must be at most 1000 bytes long, not 1001")) {
      try CronSchedule(text)
    }
  }

  @Test func theTextStaysAsItWasWritten() throws {
    let text = " 0\t0 * *  MON "
    #expect(try CronSchedule(text).text == text)
  }

  @Test func namesMayBeInAnyCase() throws {
    let moment = Duration.seconds(1_800_000_000)
    for (text, same) in [
      ("@Hourly", "0 * * * *"), ("0 0 1 JAN *", "0 0 1 1 *"), ("0 0 * * Mon", "0 0 * * 1"),
    ] {
      let due = try CronSchedule(text).next(after: moment, in: .utc)
      #expect(try due == CronSchedule(same).next(after: moment, in: .utc))
      #expect(due != nil)
    }
  }

  @Test func aMomentWithinASecondCounts() throws {
    let schedule = try CronSchedule("* * * * *")
    for (moment, due) in [
      (Duration.milliseconds(59_999), 60), (.seconds(60), 120), (.milliseconds(60_001), 120),
      (.milliseconds(-500), 0), (.seconds(-60), 0), (.milliseconds(-60_001), -60),
    ] {
      #expect(schedule.next(after: moment, in: .utc) == .seconds(due))
    }
  }

  /// A zone may be corrected by whole hours, as Samoa's was by a day: cron(8) takes more than three
  /// hours for a correction, after which nothing is made up for and everything is due again.
  @Test func afterACorrectionTheNewTimeCountsAlone() throws {
    let noon = try CronSchedule("0 12 * * *")
    let change: Int64 = 10 * 86400
    func zone(_ hours: Int) -> TimeZoneOffsets {
      let offset = Int32(hours * 3600)
      return TimeZoneOffsets([.init(at: 0, offset: 0), .init(at: change, offset: offset)])
    }
    // From 00:00 to 14:00: noon is left out. From 00:00 to 03:00 with something due at 01:00: made
    // up for.
    #expect(noon.next(after: .seconds(change - 1), in: zone(14)) == .seconds(change + 22 * 3600))
    let one = try CronSchedule("0 1 * * *")
    #expect(one.next(after: .seconds(change - 1), in: zone(3)) == .seconds(change))
    #expect(one.next(after: .seconds(change - 1), in: zone(4)) == .seconds(change + 21 * 3600))
    // From 00:00 back to 20:00 and to 21:00, with something due at 22:00.
    let ten = try CronSchedule("0 22 * * *")
    #expect(ten.next(after: .seconds(change - 1), in: zone(-4)) == .seconds(change + 2 * 3600))
    #expect(ten.next(after: .seconds(change - 1), in: zone(-3)) == .seconds(change + 25 * 3600))
  }

  @Test func thePastHasTheFirstKnownOffset() throws {
    let zone = TimeZoneOffsets([.init(at: 1000, offset: 3600), .init(at: 2000, offset: 7200)])
    #expect(zone.offset(at: -5) == 3600)
    #expect(zone.offset(at: 1999) == 3600)
    #expect(zone.offset(at: 2000) == 7200)
    #expect(zone.offset(at: .max) == 7200)
  }

  /// A schedule that is hardly ever due must not stop everything else while it is looked for.
  @Test func whatIsNeverOrSeldomDueIsFoundAtOnce() throws {
    let zone = try #require(CronZones.zone("Europe/Berlin"))
    let never = try CronSchedule("0 0 31 2,4 */2")
    let seldom = try CronSchedule("59 2 29 2 */6")
    // What other threads take meanwhile is not counted.
    let start = threadTime()
    for day in 0..<1000 {
      let moment = Duration.seconds(1_780_000_000 + 86400 * day)
      #expect(never.next(after: moment, in: zone) == nil)
      #expect(seldom.next(after: moment, in: zone) != nil)
    }
    let used = threadTime() - start
    #expect(used < .seconds(5), "\(used / 2000) each")
  }
}
