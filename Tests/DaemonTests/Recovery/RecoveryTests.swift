import API
import Basics
import Glibc
import Supervision
import TestSupport
import Testing
import UV

@testable import ExeioDaemon

/// A process does not start before what an earlier daemon left of it has ended, and the log says
/// what became of that.
struct RecoveryTests {
  private let id = RunID(process: "web", serial: 1)

  private func leftover(_ child: TestChild, mark: String) throws -> Leftover {
    let start = try #require(child.child.startTime)
    return Leftover(
      process: "web",
      run: RunState.Run(
        number: 1, process: "web", marker: mark, stopSignal: .terminate, stopTimeout: .seconds(10),
        leader: RunState.Run.Leader(pid: child.pid, startTime: start)))
  }

  @Test func theProcessWaitsForTheEndOfWhatWasLeft() throws {
    try withOwners { scene in
      let mark = "test.\(UInt64.random(in: 0...UInt64.max))"
      let child = try TestChild(
        "trap '' TERM; echo ready; exec sleep 1000", mark: mark, in: scene)
      try scene.wait { child.text.contains("ready") }
      let recovery = Recovery(scene.context, scene.journal, scene.cgroups, scene.spawner)
      #expect(recovery.isDone && recovery.longestEnd == .zero)
      var ends = 0
      recovery.onAllEnded = { ends += 1 }
      try recovery.start([try leftover(child, mark: mark)], scene.scanner)
      #expect(!recovery.isDone && recovery.longestEnd == .seconds(15))
      scene.spawner.spawn(id, shell("web", "exit 0"), run: 1)
      _ = try turn(scene.loop, for: .milliseconds(50))
      #expect(scene.events.isEmpty)
      scene.clock.pass(.seconds(10))
      try scene.wait { ends == 1 && recovery.isDone }
      try scene.wait {
        scene.events.contains { if case .run(id, .exited) = $0 { true } else { false } }
          && scene.events.contains(.run(id, .outputEnded(lastErrorLine: nil)))
      }
      let line = "Ended process 'web' (PID: \(child.pid)), left running by an earlier supervisor"
      #expect(try scene.supervisorLines().contains { $0.hasSuffix(line) })
      try child.end(in: scene)
    }
  }

  @Test func nothingThatWasLeftIsNothingToWaitFor() throws {
    try withOwners { scene in
      let recovery = Recovery(scene.context, scene.journal, scene.cgroups, scene.spawner)
      try recovery.start([], scene.scanner)
      recovery.killAll()
      #expect(recovery.isDone)
    }
  }

  @Test func whatTurnsOutToBeOfARunThatIsOverIsKilledWithWhatIsBelowIt() throws {
    try withOwners { scene in
      let child = try TestChild("setsid sleep 1000 & echo $!; wait", in: scene)
      try scene.wait { child.text.hasSuffix("\n") }
      ProcessWatch.endLate([child.pid, .max], scene.context.log)
      try child.end(in: scene)
      #expect(child.exit == .signal(.kill))
      let lines = try scene.supervisorLines()
      let line = try #require(
        lines.first { $0.contains("warning: Killed what was left of a run that is over") })
      #expect(line.contains("\(child.pid)") && line.contains(child.text.dropLast()))
      #expect(!lines.contains { $0.contains("cannot be killed") })
    }
  }
}
