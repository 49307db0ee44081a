import Basics
import Supervision
import Testing

/// What the kernel killed because memory ran out is named.
@Suite struct OutOfMemoryTests {
  private func world(_ definition: ProcessDefinition, limit: Int? = 1 << 20) -> PaperWorld {
    var definition = definition
    definition.execution.memoryMaxBytes = limit
    var world = PaperWorld()
    world.ask(.add(definition))
    return world
  }

  private func runOutOfMemory(_ world: inout PaperWorld) throws {
    world.leaderRunsOutOfMemory(try #require(world.supervisor.run(of: "web")))
    world.drainQueue()
  }

  @Test func aLeaderThatTheKernelKilledIsRestartedAndTheReasonIsNamed() throws {
    var world = world(.always("web"))
    try runOutOfMemory(&world)
    let entry = try #require(world.supervisor.entry("web", at: world.now))
    #expect(entry.status == .backoff)
    #expect(entry.lastExit?.status == .signal(.kill))
    #expect(entry.lastExit?.reason == .outOfMemory)
    #expect(
      entry.error
        == "the last run was killed by the kernel: out of memory (memory_max_bytes is 1048576)")
    let line =
      "Process 'web' (PID: 101) was killed by the kernel: out of memory (memory_max_bytes is 1048576)"
    #expect(world.lines(of: "web").filter { $0 == line }.count == 1)
    #expect(world.ownLines.contains(line))
    world.advance(by: .seconds(2))
    #expect(world.supervisor.entry("web", at: world.now)?.error == nil)
    #expect(world.supervisor.entry("web", at: world.now)?.lastExit?.reason == .outOfMemory)
  }

  /// The kernel counts a kill before the process has ended, and both are told as they come.
  @Test func theKillOfTheLeaderMayBeToldBeforeItsEnd() throws {
    for (delay, reason) in [
      (Duration.zero, ProcessEntry.LastExit.Reason.outOfMemory), (.seconds(1), .outOfMemory),
      (.seconds(2), nil),
    ] as [(Duration, ProcessEntry.LastExit.Reason?)] {
      var world = world(.always("web"))
      let run = try #require(world.supervisor.run(of: "web"))
      world.send(.run(run, .outOfMemory(oomKills: 1)))
      world.advance(by: delay)
      world.send(.run(run, .exited(.signal(.kill), groupRemains: false, oomKills: 1)))
      #expect(world.supervisor.entry("web", at: world.now)?.lastExit?.reason == reason)
    }
  }

  @Test func oneThatIsNotRestartedIsStoppedAndSaysWhy() throws {
    var world = world(.once("web"), limit: nil)
    try runOutOfMemory(&world)
    let entry = try #require(world.supervisor.entry("web", at: world.now))
    #expect(entry.status == .stopped)
    #expect(entry.error == "killed by the kernel: out of memory")
    world.ask(.start(id: "web"))
    #expect(world.supervisor.entry("web", at: world.now)?.error == nil)
  }

  @Test func onFailureCountsItAsAFailure() throws {
    var definition = ProcessDefinition.always("web")
    definition.restartPolicy = .onFailure
    definition.maxRestarts = 0
    var world = world(definition)
    try runOutOfMemory(&world)
    #expect(world.status("web") == .failed)
    #expect(
      world.supervisor.entry("web", at: world.now)?.error
        == "gave up after 0 restarts; last exit: killed by the kernel: out of memory (memory_max_bytes is 1048576)"
    )
  }

  @Test func aKilledHelperIsALineAndNothingElse() throws {
    var world = world(.always("web"))
    let run = try #require(world.supervisor.run(of: "web"))
    world.helperRunsOutOfMemory(run)
    world.helperRunsOutOfMemory(run)
    world.drainQueue()
    #expect(world.status("web") == .running)
    let line =
      "A process of 'web' (PID: 101) was killed by the kernel: out of memory (memory_max_bytes is 1048576)"
    #expect(world.lines(of: "web").filter { $0 == line }.count == 2)
    // What was told is not told again, and does not explain an end some time later.
    world.advance(by: .seconds(2))
    world.end("web", .signal(.kill))
    #expect(world.lines(of: "web").filter { $0.contains("out of memory") }.count == 2)
    #expect(world.supervisor.entry("web", at: world.now)?.lastExit?.reason == nil)
  }

  @Test func helpersThatWereKilledShortlyBeforeAnOrdinaryEndAreToldWithIt() throws {
    var world = world(.always("web"))
    let run = try #require(world.supervisor.run(of: "web"))
    world.send(.run(run, .exited(.code(1), groupRemains: false, oomKills: 3)))
    #expect(
      world.lines(of: "web").contains {
        $0.hasPrefix("3 processes of 'web' (PID: 101) were killed by the kernel: out of memory")
      })
    #expect(world.supervisor.entry("web", at: world.now)?.lastExit?.reason == nil)
  }

  @Test func aKillOfOursIsNotTheKernels() throws {
    var world = world(.always("web"))
    world.behaviours["web"] = PaperBehaviour(ignoresStopSignal: true)
    world.ask(.restart(id: "web"))
    world.advance(by: .seconds(1))
    let run = try #require(world.supervisor.run(of: "web"))
    world.ask(.stop(id: "web"))
    world.send(.killRequested)
    world.children[run]?.oomKills = 1
    world.advance(by: .zero)
    #expect(world.supervisor.entry("web", at: world.now)?.lastExit?.status == .signal(.kill))
    #expect(world.supervisor.entry("web", at: world.now)?.lastExit?.reason == nil)
  }
}
