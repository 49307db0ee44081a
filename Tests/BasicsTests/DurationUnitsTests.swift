import Basics
import Testing

struct DurationUnitsTests {
  private static let attosecond = Duration(secondsComponent: 0, attosecondsComponent: 1)
  private static let longest = Duration.seconds(Int64.max)
  private static let shortest = Duration.seconds(-Int64.max)

  @Test func ticksAreCutOff() {
    #expect(Duration.milliseconds(1_999).ticks(perSecond: 1) == 1)
    #expect(Duration.milliseconds(-1_999).ticks(perSecond: 1) == -1)
    #expect(Duration.microseconds(12_399).ticks(perSecond: 10_000) == 123)
    #expect(Duration.microseconds(999).milliseconds == 0)
    #expect(Duration.microseconds(-1_500).milliseconds == -1)
    #expect(Duration.milliseconds(90_061_001).milliseconds == 90_061_001)
    // Clocks tick 100 times a second, or 1,024 times.
    #expect(Duration.milliseconds(2_509).ticks(perSecond: 100) == 250)
    #expect(Duration.milliseconds(2_500).ticks(perSecond: 1_024) == 2_560)
  }

  @Test func nanosecondsAreRoundedUp() {
    #expect(Duration.zero.nanosecondsRoundedUp == 0)
    #expect(Self.attosecond.nanosecondsRoundedUp == 1)
    #expect(Duration.nanoseconds(7).nanosecondsRoundedUp == 7)
    #expect((.nanoseconds(7) + Self.attosecond).nanosecondsRoundedUp == 8)
    #expect((.zero - Self.attosecond).nanosecondsRoundedUp == 0)
    #expect((.seconds(2) - Self.attosecond).nanosecondsRoundedUp == 2_000_000_000)
  }

  @Test func secondsAreRoundedDownOrUp() {
    for (duration, down, up) in [
      (Duration.zero, 0, 0), (.seconds(3), 3, 3), (.seconds(-3), -3, -3),
      (Self.attosecond, 0, 1), (.zero - Self.attosecond, -1, 0),
      (.milliseconds(1_500), 1, 2), (.milliseconds(-1_500), -2, -1),
    ] {
      #expect(duration.secondsRoundedDown == down)
      #expect(duration.secondsRoundedUp == up)
    }
  }

  @Test func whatIsTooLongIsTheLargestNumber() {
    #expect(Self.longest.milliseconds == .max)
    #expect(Self.shortest.milliseconds == .min)
    #expect(Self.longest.nanosecondsRoundedUp == .max)
    #expect(Self.longest.secondsRoundedDown == .max)
    #expect(Self.longest.secondsRoundedUp == .max)
    // The seconds alone fit, and their rest does not.
    let most = Duration.nanoseconds(Int64.max)
    #expect(most.nanosecondsRoundedUp == .max)
    #expect((most + .nanoseconds(1)).nanosecondsRoundedUp == .max)
    #expect((most + Self.attosecond).nanosecondsRoundedUp == .max)
  }
}
