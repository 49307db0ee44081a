import Basics
import Supervision
import Testing

/// What is told of all processes together.
@Suite struct OverviewTests {
  @Test func processesAreCountedByTheirStatus() {
    var world = PaperWorld()
    #expect(world.supervisor.statusCounts == [:])
    for id in ["a", "b"] { world.ask(.add(.always(id))) }
    world.ask(.add(.once("c")))
    world.end("a", .code(1))
    world.end("c", .code(0))
    #expect(world.supervisor.statusCounts == [.backoff: 1, .running: 1, .stopped: 1])
  }

  @Test func anEndTakesAsLongAsItsSlowestProcessMay() {
    var world = PaperWorld()
    #expect(world.supervisor.longestEnd(at: world.now) == .zero)
    var slow = ProcessDefinition.once("slow")
    slow.stopTimeout = .seconds(100)
    world.ask(.add(slow))
    world.ask(.add(.once("quick")))
    // 10 s for SIGKILL and 2 s for output that another process holds open, beside what the process
    // is given.
    #expect(world.supervisor.longestEnd(at: world.now) == .seconds(112))
    world.end("slow", .code(0))
    #expect(world.supervisor.longestEnd(at: world.now) == .seconds(22))
    world.end("quick", .code(0))
    #expect(world.supervisor.longestEnd(at: world.now) == .zero)
  }

  @Test func theTimeThatAnEndMayTakeRunsOut() {
    var world = PaperWorld()
    world.behaviours["deaf"] = PaperBehaviour(ignoresStopSignal: true, outlivesKill: true)
    world.ask(.add(.once("deaf")))
    world.send(.shutdownRequested)
    var seen: [Duration] = []
    while !world.hasFinished {
      seen.append(world.supervisor.longestEnd(at: world.now))
      world.advance(by: .seconds(5))
    }
    #expect(seen == [22, 17, 12, 7].map { .seconds($0) })
    #expect(world.supervisor.longestEnd(at: world.now) == .zero)
  }
}
