import API
import Basics
import Glibc
import Supervision
import TestSupport
import Testing
import UV

@testable import ExeioDaemon

/// What an earlier daemon left running is ended as its definition wants it, and nothing else is.
struct LeftoversTests {
  /// What has been told of the leftovers of a test.
  private final class Ends {
    var all: [Leftovers.End] = []

    var haveEnded: Int {
      all.count { if case .ended = $0 { true } else { false } }
    }

    /// What outlived `SIGKILL`, for each end of that kind.
    var outlived: [[Survivor]] {
      all.compactMap { if case .outlived(let survivors) = $0 { survivors } else { nil } }
    }
  }

  /// A run that has been noted, of a child of the test.
  private func run(
    _ child: TestChild, mark: String, startTime: UInt64? = nil, timeout: Duration = .seconds(10)
  ) throws -> RunState.Run {
    let start = try #require(startTime ?? child.child.startTime)
    return RunState.Run(
      number: 1, process: "web", marker: mark, stopSignal: .terminate, stopTimeout: timeout,
      leader: RunState.Run.Leader(pid: child.pid, startTime: start))
  }

  private func mark(_ scene: OwnersScene) throws -> String {
    // That of another daemon, which has ended.
    let daemon = ProcessTable.Member(pid: .max, startTime: 1)
    let place = try DaemonToken(dataDirectory: scene.configuration.dataDirectory).place
    return RunMark(place: place, daemon: daemon, number: 1, isHelper: false).text
  }

  private func end(
    _ runs: [RunState.Run], _ scene: OwnersScene
  ) throws -> (leftovers: Leftovers, ends: Ends) {
    let ends = Ends()
    let leftovers = try Leftovers(
      runs.map { Leftover(process: $0.process, run: $0) }, on: scene.loop,
      clock: scene.context.clock, scene.scanner
    ) { ends.all.append($1) }
    return (leftovers, ends)
  }

  @Test func aRunGetsItsStopSignal() throws {
    try withOwners { scene in
      let mark = try mark(scene)
      let child = try TestChild("exec sleep 1000", mark: mark, in: scene)
      let (leftovers, ends) = try end([try run(child, mark: mark)], scene)
      #expect(!leftovers.isDone)
      try scene.wait { leftovers.isDone }
      #expect(ends.haveEnded == 1)
      try child.end(in: scene)
      #expect(child.exit == .signal(.terminate))
    }
  }

  /// One that says that it was asked, and goes on; it can be asked now.
  private func stubbornChild(in scene: OwnersScene) throws -> (child: TestChild, mark: String) {
    let mark = try mark(scene)
    let script = "trap 'echo asked' TERM; echo ready; while :; do sleep 1000 & wait; done"
    let child = try TestChild(script, mark: mark, in: scene)
    try scene.wait { child.text.contains("ready") }
    return (child, mark)
  }

  @Test func oneThatDoesNotEndIsKilledWhenItsTimeIsOver() throws {
    try withOwners { scene in
      let (child, mark) = try stubbornChild(in: scene)
      let (leftovers, ends) = try end([try run(child, mark: mark)], scene)
      try scene.wait { child.text.contains("asked") || child.exit != nil }
      #expect(leftovers.longestEnd(at: scene.context.now) == .seconds(15))
      scene.clock.pass(.seconds(9))
      _ = try turn(scene.loop, for: .milliseconds(100))
      #expect(child.exit == nil && !leftovers.isDone)
      #expect(leftovers.longestEnd(at: scene.context.now) == .seconds(6))
      scene.clock.pass(.seconds(1))
      try scene.wait { leftovers.isDone }
      #expect(ends.haveEnded == 1)
      try child.end(in: scene)
      #expect(child.exit == .signal(.kill))
      // It was asked once, however often it was looked at.
      #expect(child.text.split(separator: "\n") == ["ready", "asked"])
    }
  }

  /// What was there when its run was asked to end, and was not seen then, is asked as soon as it is
  /// seen; what was started after that may be how the run cleans up.
  @Test(arguments: [true, false])
  func whatTurnsUpLaterIsAskedIfItWasThereBefore(wasThere: Bool) throws {
    try withOwners { scene in
      let (child, mark) = try stubbornChild(in: scene)
      // On this clock all that starts now was started before, or later.
      scene.clock.bootTicks = wasThere ? .max : 0
      let (leftovers, ends) = try end([try run(child, mark: mark)], scene)
      try scene.wait { child.text.contains("asked") || child.exit != nil }
      let late = try TestChild("exec sleep 1000", mark: mark, in: scene)
      scene.clock.pass(.seconds(1))
      if wasThere {
        try scene.wait { late.exit != nil }
      } else {
        _ = try turn(scene.loop, for: .milliseconds(100))
      }
      scene.clock.pass(.seconds(9))
      try scene.wait { leftovers.isDone }
      #expect(ends.haveEnded == 1)
      try child.end(in: scene)
      try late.end(in: scene)
      #expect(child.exit == .signal(.kill))
      #expect(late.exit == .signal(wasThere ? .terminate : .kill))
    }
  }

  /// The last look finds it alive, at a time when it should long have gone: it is named, and the
  /// start waits for it no longer.
  @Test func oneThatIsThereWhenTheTimeAfterTheKillIsOverIsNamed() throws {
    try withOwners { scene in
      let (child, mark) = try stubbornChild(in: scene)
      let (leftovers, ends) = try end([try run(child, mark: mark)], scene)
      try scene.wait { child.text.contains("asked") || child.exit != nil }
      scene.clock.pass(.seconds(15))
      #expect(leftovers.longestEnd(at: scene.context.now) == .zero)
      try scene.wait { leftovers.isDone }
      #expect(ends.all.count == 1 && ends.haveEnded == 0)
      #expect(ends.outlived.first?.map(\.pid).contains(child.pid) == true)
      try child.end(in: scene)
      // The look that named it had killed it before.
      #expect(child.exit == .signal(.kill))
    }
  }

  @Test func aDaemonThatIsToEndAtOnceKills() throws {
    try withOwners { scene in
      let (child, mark) = try stubbornChild(in: scene)
      let (leftovers, ends) = try end([try run(child, mark: mark)], scene)
      try scene.wait { child.text.contains("asked") || child.exit != nil }
      leftovers.killAll()
      #expect(leftovers.longestEnd(at: scene.context.now) == .seconds(5))
      try scene.wait { leftovers.isDone }
      #expect(ends.haveEnded == 1)
      try child.end(in: scene)
      #expect(child.exit == .signal(.kill))
    }
  }

  /// The kernel has given the number to another process since: it, and what is in its session, live
  /// on.
  @Test func aStrangerWithTheNumberOfTheLeaderLivesOn() throws {
    try withOwners { scene in
      let stranger = try TestChild("sleep 1000 & echo $!; wait", in: scene)
      try scene.wait { stranger.text.hasSuffix("\n") }
      let member = try #require(Int32(stranger.text.dropLast()))
      let start = try #require(stranger.child.startTime)
      let run = try run(stranger, mark: try mark(scene), startTime: start - 1, timeout: .zero)
      let (leftovers, ends) = try end([run], scene)
      try scene.wait { leftovers.isDone }
      #expect(ends.haveEnded == 1)
      #expect(ProcessTable.isRunning(stranger.pid) && ProcessTable.isRunning(member))
      #expect(stranger.exit == nil)
      try stranger.end(in: scene)
    }
  }

  /// What a run leaves in a session of its own is told by its mark.
  @Test func whatHasLeftTheSessionIsEndedToo() throws {
    try withOwners { scene in
      let mark = try mark(scene)
      let child = try TestChild("exec sleep 1000", mark: mark, in: scene)
      let other = try TestChild("exec sleep 1000", mark: mark, in: scene)
      let (leftovers, ends) = try end([try run(child, mark: mark)], scene)
      try scene.wait { leftovers.isDone }
      #expect(ends.haveEnded == 1)
      for child in [child, other] {
        try child.end(in: scene)
        #expect(child.exit == .signal(.terminate))
      }
    }
  }

  /// What is written down and what is there are two things.
  @Test func onlyWhatIsThereIsLeft() throws {
    try withOwners { scene in
      let mark = try mark(scene)
      let child = try TestChild("exec sleep 1000", mark: mark, in: scene)
      var state = RunState([], bootID: "boot")
      state.runs[1] = try run(child, mark: mark)
      var gone = try run(child, mark: "\(mark)0", startTime: 1)
      gone.number = 2
      state.runs[2] = gone
      let alive = try Leftovers.alive(state, try scene.predecessors(), nil)
      #expect(alive.map(\.run?.number) == [1])
      #expect(alive.first?.run?.leader?.pid == child.pid)
      try child.end(in: scene)
    }
  }

  /// The daemon was killed before it could write the start down.
  @Test func aRunThatIsNotWrittenDownIsFoundByItsMark() throws {
    try withOwners { scene in
      let mark = try mark(scene)
      let child = try TestChild("exec sleep 1000", mark: mark, in: scene)
      let found = try scene.predecessors()
      #expect(found.runs[mark]?.marker == mark)
      let alive = try Leftovers.alive(RunState([], bootID: "boot"), found, nil)
      let leftover = try #require(alive.first { $0.run?.marker == mark })
      #expect(leftover.run?.leader?.pid == child.pid)
      try child.end(in: scene)
    }
  }

  /// The directory may be a copy of that of a daemon that runs.
  @Test func theRunsOfADaemonThatIsAliveAreLetBe() throws {
    try withOwners { scene in
      let parent = try #require(ProcessRecord(getppid())).member
      let mark = RunMark(
        place: try DaemonToken(dataDirectory: scene.configuration.dataDirectory).place,
        daemon: parent, number: 1, isHelper: false
      ).text
      let child = try TestChild("exec sleep 1000", mark: mark, in: scene)
      var state = RunState([], bootID: "boot")
      state.runs[1] = try run(child, mark: mark)
      let alive = try Leftovers.alive(state, try scene.predecessors(), nil)
      #expect(alive.isEmpty)
      try child.end(in: scene)
    }
  }
}
