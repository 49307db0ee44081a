import API
import Basics
import Glibc
import Supervision
import TestSupport
import Testing
import UV

@testable import ExeioDaemon

/// Commands beside the runs: how they end, and that nothing is left of them then.
struct HelperCommandTests {
  /// A command, and what is told of it.
  private final class Command {
    let helper: HelperCommand
    var lines: [String] { box.lines }
    var errorLines: [String] { box.errorLines }
    var ends: [HelperCommand.End] { box.ends }
    /// The numbers that it has said.
    var pids: [Int32] { lines.compactMap { Int32($0) } }
    private let box = Box()

    private final class Box {
      var lines: [String] = []
      var errorLines: [String] = []
      var ends: [HelperCommand.End] = []
    }

    init(
      _ commandLine: [String],
      of definition: ProcessDefinition = ProcessDefinition(
        id: "web", command: "true"), adding variables: Variables = [:],
      timeout: Duration = .seconds(100), in scene: OwnersScene
    ) throws {
      helper = try scene.helpers.start(
        HelperCommands.Order(
          definition: definition, commandLine: commandLine, variables: variables,
          field: "before_start", timeout: timeout)
      ) { [box] line in
        #expect(box.ends.isEmpty, "'\(line.text)' comes after the end")
        if line.isError { box.errorLines.append(line.text) } else { box.lines.append(line.text) }
      } onEnd: { [box] end in
        box.ends.append(end)
      }
      #expect(ends.isEmpty, "its end is told within the call")
      #expect(!scene.helpers.isIdle && !helper.isOver)
    }

    convenience init(
      _ script: String, of id: String = "web", timeout: Duration = .seconds(100),
      in scene: OwnersScene
    ) throws {
      try self.init(
        ["sh", "-c", script], of: ProcessDefinition(id: id, command: "true"), timeout: timeout,
        in: scene)
    }

    /// How it ended, once it has.
    func end(in scene: OwnersScene) throws -> HelperCommand.End? {
      try scene.wait { !ends.isEmpty }
      #expect(ends.count == 1 && helper.isOver)
      return ends.first
    }
  }

  private static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// Expects that a command that was to make a file was never executed.
  private func expectNothing(_ command: Command, made: String, in scene: OwnersScene) throws {
    _ = try turn(scene.loop, for: .milliseconds(100))
    #expect(command.ends == [.cancelled] && command.lines.isEmpty)
    #expect(!Self.exists(made) && scene.helpers.isIdle)
  }

  // MARK: By itself

  @Test(arguments: [
    ("exit 0", Basics.ExitStatus.code(0)), ("exit 3", .code(3)), ("kill -9 $$", .signal(.kill)),
  ])
  func aCommandTellsHowItEndedAndAllThatItSaidBefore(
    script: String, status: Basics.ExitStatus
  ) throws {
    try withOwners { scene in
      let command = try Command(
        "seq 2000; echo oops >&2; echo; printf last; printf 'last one' >&2; \(script)", in: scene)
      #expect(try command.end(in: scene) == .exited(status))
      #expect(command.lines == (1...2000).map(String.init) + ["", "last"])
      #expect(command.errorLines == ["oops", "last one"])
      #expect(scene.helpers.isIdle)
      // It is over, and nothing is told of it any more.
      command.helper.cancel()
      command.helper.end(with: .terminate, within: .zero)
      _ = try turn(scene.loop, for: .milliseconds(20))
      #expect(command.ends.count == 1)
    }
  }

  @Test func aCommandHasTheVariablesOfItsProcessAndAMarkOfItsOwn() throws {
    try withOwners { scene in
      let command = try Command(
        ["sh", "-c", "cat; echo $EXTRA $EXEIO_ID; echo $EXEIO_RUN"],
        of: ProcessDefinition(id: "web", command: "true"), adding: ["EXTRA": "more"], in: scene)
      // There is nothing to be read from standard input.
      #expect(try command.end(in: scene) == .exited(.code(0)))
      #expect(command.lines.first == "more web")
      let mark = try #require(command.lines.last.flatMap { RunMark($0) })
      #expect(mark.isHelper && mark.number == command.helper.journalNumber)
    }
  }

  /// A later daemon finds what this one has executed, and no more than that.
  @Test func aCommandIsInTheRunStateUntilItIsOver() throws {
    try withOwners { scene in
      func state() throws -> [UInt64: RunState.Run] {
        try scene.wait { scene.journal.isWritten }
        return RunState(
          try Files.read(scene.configuration.runStateFile, limit: 1 << 20), bootID: "boot"
        ).runs
      }
      let command = try Command("echo $$; exec sleep 1000", in: scene)
      try scene.wait { !command.pids.isEmpty }
      let run = try #require(try state()[command.helper.journalNumber])
      #expect(run.isHelper && run.process == "web" && run.leader?.pid == command.pids[0])
      command.helper.cancel()
      _ = try command.end(in: scene)
      #expect(try state().isEmpty)
    }
  }

  // MARK: What cannot be executed

  @Test(arguments: [
    ("command", "before_start '/nowhere/check': No such file or directory"),
    ("directory", "working_dir '/nowhere': No such file or directory"),
  ])
  func whatKeepsACommandFromBeingExecutedIsNamedByItsField(fault: String, reason: String) throws {
    try withOwners { scene in
      var definition = ProcessDefinition(id: "web", command: "true")
      if fault == "directory" { definition.execution.workingDirectory = "/nowhere" }
      let command = try Command(
        [fault == "command" ? "/nowhere/check" : "true"], of: definition, in: scene)
      #expect(try command.end(in: scene) == .notStarted(StartRefusal(reason)))
      #expect(scene.helpers.isIdle)
    }
  }

  @Test func aFileThatIsToBeReadBeforeIsNamedToo() throws {
    try withOwners { scene in
      var definition = ProcessDefinition(id: "web", command: "true")
      definition.execution.environmentFile = "/nowhere/env"
      let command = try Command(["true"], of: definition, in: scene)
      guard case .notStarted(let refusal) = try command.end(in: scene) else {
        return #expect(Bool(false), "\(command.ends)")
      }
      #expect(refusal.description.hasPrefix("environment_file '/nowhere/env': "))
    }
  }

  /// The reading of its files is part of its start, on the clock that it was handed.
  @Test func theTimeBeforeItsChildCountsForTheStart() throws {
    try withOwners { scene in
      let path = scene.directory.file("program")
      let program = try LeasedProgram(path)
      defer { withExtendedLifetime(program) {} }
      var definition = ProcessDefinition(id: "web", command: "true")
      definition.startTimeout = .seconds(100)
      let command = try Command([path], of: definition, in: scene)
      scene.clock.pass(.seconds(100))
      guard case .notStarted(let refusal) = try command.end(in: scene) else {
        return #expect(Bool(false), "\(command.ends)")
      }
      #expect(
        refusal.description
          == "before_start '\(path)': timed out after \(Duration.seconds(100).text)")
      #expect(refusal.isUnknown)
    }
  }

  // MARK: The timeout

  /// What is in another session, too.
  @Test func aCommandThatTakesTooLongIsKilledWithAllThatItStarted() throws {
    try withOwners { scene in
      let command = try Command(
        "trap '' TERM; setsid sleep 1000 & echo $!; sleep 1000 & echo $!; wait",
        timeout: .seconds(2), in: scene)
      #expect(try command.end(in: scene) == .timedOut)
      #expect(command.pids.count == 2 && scene.helpers.isIdle)
      try scene.poll { !command.pids.contains(where: ProcessTable.isRunning) }
    }
  }

  // MARK: The cancellation, in each stage

  @Test func aCommandThatIsCancelledAtOnceIsNotExecuted() throws {
    try withOwners { scene in
      let made = scene.directory.file("made")
      let command = try Command("touch \(made)", in: scene)
      command.helper.cancel()
      #expect(command.ends.isEmpty, "its end is told within the call")
      #expect(try command.end(in: scene) == .cancelled)
      try expectNothing(command, made: made, in: scene)
    }
  }

  /// The file with its variables is being read, on the pool.
  @Test func aCommandThatIsCancelledWhileItsFilesAreReadIsNotExecuted() throws {
    try withOwners { scene in
      var definition = ProcessDefinition(id: "web", command: "true")
      let made = scene.directory.file("made")
      let file = scene.directory.file("env")
      try Files.createNew(file, mode: 0o600, contents: Array("A=1\n".utf8))
      definition.execution.environmentFile = file
      let command = try Command(["touch", made], of: definition, in: scene)
      // What was armed before it fires before it, in the same turn of the loop.
      let timer = try Timer(on: scene.loop)
      timer.start(after: .zero) {
        command.helper.cancel()
        #expect(command.ends.isEmpty, "its end is told within the call")
        timer.close()
      }
      #expect(try command.end(in: scene) == .cancelled)
      try expectNothing(command, made: made, in: scene)
    }
  }

  /// It hangs in its `execve`.
  @Test func aCommandThatIsCancelledBeforeItsChildExecutesItIsGivenUp() throws {
    try withOwners { scene in
      let path = scene.directory.file("program")
      let program = try LeasedProgram(path)
      defer { withExtendedLifetime(program) {} }
      var definition = ProcessDefinition(id: "web", command: "true")
      // It does not end by itself.
      definition.startTimeout = .seconds(1000)
      let command = try Command([path], of: definition, in: scene)
      _ = try turn(scene.loop, for: .milliseconds(100))
      #expect(command.ends.isEmpty)
      command.helper.cancel()
      // The kernel breaks the lease after 45 s.
      try runLoop(scene.loop, limit: .seconds(30)) { !command.ends.isEmpty }
      #expect(try command.end(in: scene) == .cancelled)
      #expect(scene.helpers.isIdle)
    }
  }

  /// The child has been asked for, and executes the command before it can be taken back.
  @Test func aCommandThatIsCancelledTooLateForItsStartIsKilled() throws {
    try withOwners { scene in
      let command = try Command("exec sleep 1000", in: scene)
      let timer = try Timer(on: scene.loop)
      timer.start(after: .zero) {
        command.helper.cancel()
        #expect(command.ends.isEmpty, "its end is told within the call")
        timer.close()
      }
      #expect(try command.end(in: scene) == .cancelled)
      #expect(scene.helpers.isIdle)
    }
  }

  @Test func aCommandThatIsCancelledWhileItRunsIsKilled() throws {
    try withOwners { scene in
      let command = try Command("trap '' TERM; sleep 1000 & echo $!; wait", in: scene)
      try scene.wait { !command.pids.isEmpty }
      command.helper.cancel()
      command.helper.cancel()
      #expect(command.ends.isEmpty, "its end is told within the call")
      #expect(try command.end(in: scene) == .cancelled)
      #expect(!ProcessTable.isRunning(command.pids[0]) && scene.helpers.isIdle)
    }
  }

  @Test func aCommandIsAskedToEndBeforeItIsKilled() throws {
    try withOwners { scene in
      let kind = try Command(
        "trap 'echo bye; exit 0' TERM; echo ready; while :; do sleep 0.01; done", in: scene)
      let stubborn = try Command("trap '' TERM; echo ready; exec sleep 1000", in: scene)
      try scene.wait { kind.lines == ["ready"] && stubborn.lines == ["ready"] }
      kind.helper.end(with: .terminate, within: .seconds(100))
      stubborn.helper.end(with: .terminate, within: .milliseconds(50))
      #expect(try kind.end(in: scene) == .cancelled)
      #expect(kind.lines == ["ready", "bye"])
      #expect(try stubborn.end(in: scene) == .cancelled)
      // Nothing is there yet that could be asked.
      let made = scene.directory.file("made")
      let begun = try Command("touch \(made)", in: scene)
      begun.helper.end(with: .terminate, within: .seconds(100))
      #expect(try begun.end(in: scene) == .cancelled)
      try expectNothing(begun, made: made, in: scene)
    }
  }

  // MARK: The output

  @Test func whatIsCongestedIsNotReadUntilThatIsOver() throws {
    try withOwners { scene in
      let names = ["gate", "done", "end"].map { scene.directory.file($0) }
      func until(_ file: String) -> String { "while [ ! -e \(file) ]; do sleep 0.01; done" }
      let begin = "echo one; \(until(names[0])); echo two"
      let held = try Command("\(begin); touch \(names[1]); \(until(names[2]))", in: scene)
      let other = try Command(begin, of: "other", in: scene)
      try scene.wait { held.lines == ["one"] && other.lines == ["one"] }
      scene.helpers.setCongested(true, process: "web")
      try Files.createNew(names[0], mode: 0o600, contents: [])
      try scene.poll { Self.exists(names[1]) }
      #expect(try other.end(in: scene) == .exited(.code(0)))
      #expect(other.lines == ["one", "two"])
      _ = try turn(scene.loop, for: .milliseconds(50))
      #expect(held.lines == ["one"])
      scene.helpers.setCongested(false, process: "web")
      try scene.wait { held.lines == ["one", "two"] }
      #expect(held.ends.isEmpty)
      try Files.createNew(names[2], mode: 0o600, contents: [])
      #expect(try held.end(in: scene) == .exited(.code(0)))
    }
  }

  /// The log of its process may be under pressure before it has a child.
  @Test func whatIsCongestedFromTheBeginningToTheEndIsReadThen() throws {
    try withOwners { scene in
      let (said, end) = (scene.directory.file("said"), scene.directory.file("end"))
      let command = try Command(
        "echo one; touch \(said); while [ ! -e \(end) ]; do sleep 0.01; done; echo two", in: scene)
      command.helper.setCongested(true)
      try scene.poll { Self.exists(said) }
      _ = try turn(scene.loop, for: .milliseconds(50))
      #expect(command.lines.isEmpty)
      try Files.createNew(end, mode: 0o600, contents: [])
      #expect(try command.end(in: scene) == .exited(.code(0)))
      #expect(command.lines == ["one", "two"])
    }
  }

  // MARK: All of them

  @Test func theEndOfAllIsToldOnce() throws {
    try withOwners { scene in
      var calls = 0
      scene.helpers.cancelAll { calls += 1 }
      #expect(calls == 1, "nothing is executed, and it waits for something")
      let running = try Command("echo ready; exec sleep 1000", in: scene)
      try scene.wait { running.lines == ["ready"] }
      let begun = try Command("exec sleep 1000", of: "other", in: scene)
      scene.helpers.cancelAll {
        calls += 1
        #expect(running.ends == [.cancelled] && begun.ends == [.cancelled])
      }
      #expect(calls == 1, "it is called before the end")
      try scene.wait { calls == 2 }
      _ = try turn(scene.loop, for: .milliseconds(20))
      let last = try Command("true", in: scene)
      _ = try last.end(in: scene)
      #expect(calls == 2 && scene.helpers.isIdle)
    }
  }

  // MARK: What it leaves

  /// In a process of its own, to which the orphans come.
  @Test(arguments: ["sleep 1000 & echo $!;", "(setsid sleep 1000 & echo $!);"])
  func whatACommandLeavesBehindIsEnded(leaving: String) async {
    await #expect(processExitsWith: .success) { [leaving = leaving as String] in
      try SystemProcess.becomeSubreaper()
      try withOwners { scene in
        let reaper = OrphanReaper(on: scene.loop) { [unowned scene] pids in
          scene.orphanTracker.reaped(pids)
          scene.scopeWatch.check()
        }
        try reaper.start()
        let command = try Command("\(leaving) exit 3", in: scene)
        #expect(try command.end(in: scene) == .exited(.code(3)))
        #expect(command.pids.count == 1 && !command.pids.contains(where: ProcessTable.isRunning))
        #expect(scene.helpers.isIdle)
        reaper.close()
      }
    }
  }

  /// Has this process be refused as a sender of signals while a closure runs, in a process of its
  /// own: what it sends `SIGKILL` outlives that.
  private static func withoutKills(_ body: () throws -> Void) throws {
    // It may become root again by its saved user.
    try #require(setreuid(65534, 0) == 0 && seteuid(65534) == 0)
    defer { precondition(seteuid(0) == 0 && setreuid(0, 0) == 0) }
    try body()
  }

  @Test(.enabled(if: geteuid() == 0, "only root has children that it may not signal"))
  func whatOutlivesSIGKILLIsNamedAndIsWaitedForNoLonger() async {
    await #expect(processExitsWith: .success) {
      try withOwners { scene in
        var outlived: [(process: String, pids: [Int32])] = []
        scene.helpers.onOutlived = { outlived.append(($0, $1.map(\.pid))) }
        let command = try Command("echo $$; exec sleep 1000", in: scene)
        try scene.wait { !command.pids.isEmpty }
        var calls = 0
        try HelperCommandTests.withoutKills {
          scene.helpers.cancelAll { calls += 1 }
          #expect(!scene.helpers.isIdle && calls == 0)
          let end = try command.end(in: scene)
          #expect(end == .cancelled)
        }
        #expect(outlived.map(\.process) == ["web"])
        #expect(outlived.map(\.pids) == [command.pids])
        #expect(scene.helpers.isIdle && calls == 1)
        #expect(ProcessTable.isRunning(command.pids[0]))
        scene.helpers.cancelAll { calls += 1 }
        #expect(calls == 2)
        // Its end has been told.
        try ProcessTable.signal(SIGKILL, process: command.pids[0])
        try scene.poll { !ProcessTable.isRunning(command.pids[0]) }
        _ = try turn(scene.loop, for: .milliseconds(50))
        #expect(command.ends.count == 1 && outlived.count == 1 && calls == 2)
      }
    }
  }

  @Test(.enabled(if: geteuid() == 0, "only root has children that it may not signal"))
  func aCommandThatIsCancelledWhileItIsBeingKilledEndsOnce() async {
    await #expect(processExitsWith: .success) {
      try withOwners { scene in
        var outlived = 0
        scene.helpers.onOutlived = { _, _ in outlived += 1 }
        let command = try Command("echo $$; exec sleep 1000", in: scene)
        try scene.wait { !command.pids.isEmpty }
        var calls = 0
        try HelperCommandTests.withoutKills {
          command.helper.cancel()
          _ = try turn(scene.loop, for: .milliseconds(50))
          command.helper.cancel()
          command.helper.end(with: .terminate, within: .zero)
          scene.helpers.cancelAll { calls += 1 }
          _ = try turn(scene.loop, for: .milliseconds(50))
          #expect(command.ends.isEmpty && calls == 0 && !scene.helpers.isIdle)
        }
        try ProcessTable.signal(SIGKILL, process: command.pids[0])
        #expect(try command.end(in: scene) == .cancelled)
        #expect(calls == 1 && outlived == 0 && scene.helpers.isIdle)
      }
    }
  }

  /// The first cause is the one that is told.
  @Test(.enabled(if: geteuid() == 0, "only root has children that it may not signal"))
  func aCommandThatIsCancelledWhileItIsKilledForItsTimeHasTimedOut() async {
    await #expect(processExitsWith: .success) {
      try withOwners { scene in
        let command = try Command("echo $$; exec sleep 1000", timeout: .seconds(2), in: scene)
        try scene.wait { !command.pids.isEmpty }
        try HelperCommandTests.withoutKills {
          // It was sent `SIGKILL`, in vain, when its time was over.
          _ = try turn(scene.loop, for: .milliseconds(2500))
          command.helper.cancel()
          #expect(command.ends.isEmpty)
        }
        try ProcessTable.signal(SIGKILL, process: command.pids[0])
        #expect(try command.end(in: scene) == .timedOut)
      }
    }
  }
}
