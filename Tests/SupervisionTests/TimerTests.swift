import Basics
import Supervision
import Testing

@Suite struct TimerTests {
  @Test(arguments: [TimerID.Purpose.nextRun, .stopTimeout, .killTimeout, .outputGrace])
  func aTimerThatFiresTooSoonIsArmedForTheRest(purpose: TimerID.Purpose) {
    var world = PaperWorld()
    world.behaviours["web"] = PaperBehaviour(ignoresStopSignal: true, outlivesKill: true)
    switch purpose {
    case .nextRun:
      world.ask(.add(.always("web")))
      world.end("web", .code(1))
    case .stopTimeout, .killTimeout:
      world.ask(.add(.always("web")))
      world.ask(.stop(id: "web"))
      if purpose == .killTimeout { world.advance(by: .seconds(10)) }
    case .outputGrace:
      world.behaviours["web"] = PaperBehaviour(outputIsHeld: true)
      world.ask(.add(.always("web")))
      world.end("web", .code(1))
    case .readyTimeout, .probe, .watchdog, .memory, .runTimeout:
      return
    }
    let timer = TimerID(process: "web", purpose: purpose)
    let due = world.timers[timer]?.due ?? .zero
    world.advance(by: .milliseconds(1500))
    world.send(.timerFired(timer))
    #expect(world.effects.last == .arm(timer, after: due - world.clock))
    #expect(world.timers[timer]?.due == due)
    #expect(due > world.clock)
  }

  @Test func aTimerOfNobodyDoesNothing() {
    var world = PaperWorld()
    world.send(.timerFired(TimerID(process: "no", purpose: .nextRun)))
    #expect(world.effects.isEmpty)
  }
}
