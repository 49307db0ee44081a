import Basics
import Supervision
import Testing

/// When what an earlier daemon left running is asked, killed and given up.
struct LeftoverEndTests {
  private func plan(within timeout: Duration = .seconds(10)) -> LeftoverEnd {
    LeftoverEnd(.terminate, within: timeout, at: .seconds(100))
  }

  /// A look at two processes of it, unless others are there.
  private func look(
    _ begunAt: Double, _ endedAt: Double? = nil, ticks: UInt64 = 50,
    of members: [(pid: Int32, startTime: UInt64)] = [(7, 10), (8, 20)], isComplete: Bool = true
  ) -> LeftoverEnd.Look {
    LeftoverEnd.Look(
      begunAt: .seconds(begunAt), endedAt: .seconds(endedAt ?? begunAt), ticks: ticks,
      members: members, isComplete: isComplete)
  }

  @Test func itIsAskedOnceThenKilledAtEachLookAndGivenUp() {
    var plan = plan()
    #expect(plan.longest(at: .seconds(100)) == .seconds(15))
    #expect(plan.step(after: look(100)) == .ask([7, 8], .terminate))
    #expect(plan.step(after: look(101)) == .ask([], .terminate))
    #expect(plan.step(after: look(109.9)) == .ask([], .terminate))
    #expect(!plan.isKilled(at: .seconds(109.9)) && plan.isKilled(at: .seconds(110)))
    #expect(plan.step(after: look(110)) == .kill)
    #expect(plan.step(after: look(114)) == .kill)
    #expect(!plan.isGivenUp(at: .seconds(114.9)) && plan.isGivenUp(at: .seconds(115)))
    #expect(plan.longest(at: .seconds(115)) == .zero && plan.longest(at: .seconds(120)) == .zero)
  }

  /// With thousands of processes the first look takes long: it has its time from when it is asked.
  @Test func theTimeOfTheFirstLookIsAdded() {
    var plan = plan()
    #expect(plan.step(after: look(100, 112)) == .ask([7, 8], .terminate))
    #expect(plan.killAt == .seconds(122) && plan.giveUpAt == .seconds(127))
    #expect(plan.step(after: look(113, 121)) == .ask([], .terminate))
    #expect(plan.killAt == .seconds(122) && plan.giveUpAt == .seconds(127))
    #expect(plan.step(after: look(121, 122)) == .kill)
  }

  @Test func withoutTimeToStopItIsKilledAtTheFirstLook() {
    var plan = plan(within: .zero)
    #expect(plan.step(after: look(100, 103)) == .kill)
    #expect(plan.killAt == .seconds(100) && plan.giveUpAt == .seconds(105))
  }

  @Test func aDaemonThatIsToEndAtOnceKillsWhatWasAsked() {
    var plan = plan()
    #expect(plan.step(after: look(100)) == .ask([7, 8], .terminate))
    plan.killNow(at: .seconds(102))
    #expect(plan.longest(at: .seconds(102)) == .seconds(5))
    #expect(plan.step(after: look(102)) == .kill)
    // What is killed already gets no more time.
    plan.killNow(at: .seconds(104))
    #expect(plan.giveUpAt == .seconds(107))
  }

  /// The time of the first look is added for those alone that are asked after it.
  @Test func aDaemonThatIsToEndDuringTheFirstLookAsksNothing() {
    var plan = plan()
    plan.killNow(at: .seconds(102))
    #expect(plan.step(after: look(100, 103)) == .kill)
    #expect(plan.killAt == .seconds(102) && plan.giveUpAt == .seconds(107))
  }

  @Test func whatWasMissedIsAskedOnceToo() {
    var plan = plan()
    #expect(plan.step(after: look(100, of: [(7, 10)])) == .ask([7], .terminate))
    let late: [(pid: Int32, startTime: UInt64)] = [(7, 10), (8, 49), (9, 50), (11, 51)]
    #expect(plan.step(after: look(101, ticks: 90, of: late)) == .ask([8], .terminate))
    #expect(plan.step(after: look(102, ticks: 91, of: late)) == .ask([], .terminate))
  }

  @Test func inTheTickOfTheRequestWhatWasNotSeenIsAsked() {
    var plan = plan()
    #expect(plan.step(after: look(100, of: [(7, 10)], isComplete: false)) == .ask([7], .terminate))
    let late: [(pid: Int32, startTime: UInt64)] = [(7, 10), (9, 50), (11, 51)]
    // Whether this look is complete says nothing of the first.
    #expect(plan.step(after: look(101, ticks: 90, of: late)) == .ask([9], .terminate))
  }
}
