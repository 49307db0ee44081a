import API
import Basics
import Glibc
import Supervision
import TestSupport
import Testing
import UV

@testable import ExeioDaemon

/// What a start takes over from the journal of an earlier daemon, and says of it.
struct OpenedJournalTests {
  private let bootID = ProcessTable.bootID ?? "unknown"

  private func opened(
    _ text: String, warning: String? = nil, path: String, _ scene: OwnersScene
  ) throws -> OpenedJournal {
    try OpenedJournal(
      (bytes: Array(text.utf8), warning: warning), try scene.predecessors(), nil, path: path,
      on: scene.loop)
  }

  private func runs(_ path: String) throws -> [UInt64: RunState.Run] {
    RunState(try Files.read(path, limit: 1 << 20), bootID: bootID).runs
  }

  @Test func whatIsStillThereIsKeptAndTheRestForgotten() throws {
    try withOwners { scene in
      let mark = "test.\(UInt64.random(in: 0...UInt64.max))"
      let child = try TestChild("exec sleep 1000", mark: mark, in: scene)
      let start = try #require(child.child.startTime)
      let run = RunState.Run(
        number: 7, process: "web", marker: mark, stopSignal: .interrupt, stopTimeout: .seconds(3),
        leader: RunState.Run.Leader(pid: child.pid, startTime: start))
      let gone = RunState.Run(
        number: 9, process: "gone", marker: "\(mark)0", stopSignal: .terminate,
        stopTimeout: .seconds(3), leader: RunState.Run.Leader(pid: child.pid, startTime: start - 1))
      let text = [run, gone].map { $0.intentLine + ($0.beginLine ?? "") }.joined()
      let path = scene.directory.file("state")
      let opened = try opened(RunState.header(bootID: bootID) + text, path: path, scene)
      #expect(opened.alive.map(\.process) == ["web"] && opened.warning == nil)
      try scene.wait { opened.journal.isWritten }
      #expect(try runs(path) == [7: run])
      // No run of this daemon gets the number of one that is there.
      let next = opened.journal.intend(ProcessDefinition(id: "web", command: "true"))
      #expect(next.number == 8)
      opened.journal.close()
      try child.end(in: scene)
    }
  }

  @Test func whatAnotherBootHasLeftIsGone() throws {
    try withOwners { scene in
      let mark = "test.\(UInt64.random(in: 0...UInt64.max))"
      let child = try TestChild("exec sleep 1000", mark: mark, in: scene)
      let run = RunState.Run(
        number: 7, process: "web", marker: mark, stopSignal: .interrupt, stopTimeout: .seconds(3),
        leader: RunState.Run.Leader(
          pid: child.pid, startTime: try #require(child.child.startTime)))
      let text = RunState.header(bootID: "another") + run.intentLine + (run.beginLine ?? "")
      let path = scene.directory.file("state")
      let opened = try opened(text, path: path, scene)
      #expect(opened.alive.isEmpty)
      try scene.wait { opened.journal.isWritten }
      #expect(try runs(path).isEmpty)
      opened.journal.close()
      try child.end(in: scene)
    }
  }

  @Test func whyTheOldOneCouldNotBeUsedIsSaid() throws {
    try withOwners { scene in
      let opened = try opened(
        "", warning: "The run state is odd", path: scene.directory.file("state"), scene)
      #expect(opened.warning == "The run state is odd")
      opened.watch(scene.context.log, scene.problems)
      #expect(
        try scene.supervisorLines().contains { $0.hasSuffix("warning: The run state is odd") })
      #expect(scene.problems.list.all.isEmpty)
      opened.journal.close()
    }
  }

  /// It may fail before it is watched.
  @Test(arguments: [true, false])
  func aJournalThatIsNotWrittenIsAProblemUntilItIs(failsBefore: Bool) throws {
    try withOwners { scene in
      let place = scene.directory.file("place")
      // A file in the place of the directory.
      try Files.createNew(place, mode: 0o600, contents: [])
      let opened = try opened("", path: "\(place)/state", scene)
      if failsBefore { try scene.wait { opened.journal.failure != nil } }
      opened.watch(scene.context.log, scene.problems)
      try scene.wait { !scene.problems.list.all.isEmpty }
      let problem = try #require(scene.problems.list.all.first)
      #expect(
        problem.code == .runState && problem.message.hasPrefix("The run state is not written"))
      try #require(unlink(place) == 0)
      try scene.wait { scene.problems.list.all.isEmpty }
      #expect(try runs("\(place)/state").isEmpty)
      opened.journal.close()
    }
  }
}
