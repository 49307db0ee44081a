import Basics
import Foundation
import Glibc
import TestSupport
import Testing
import UV

/// A start that hangs, is taken back, or whose fork server has gone: the loop waits for nothing.
struct ChildStartTests {
  let directory: TemporaryDirectory
  init() throws { directory = try TemporaryDirectory() }

  private typealias Outcome = Result<ChildProcess, UVError>

  @Test(.timeLimit(.minutes(1)))
  func aProgramThatHangsIsGivenUpAfterItsTimeAndTheLoopTurnsMeanwhile() throws {
    let program = try LeasedProgram(directory.file("program"))
    try withScheduler { loop, scheduler in
      var outcome: Outcome?
      var delayed: Int32?
      var asked = options(program.path)
      asked.mark = "EXEIO_RUN=test"
      let start = try ChildStart(
        asked, on: loop, reader: scheduler, timeout: .seconds(5)
      ) { pid, startTime in
        delayed = pid
        // Who looks for what a supervisor has left running finds it.
        #expect(ProcessTable.variable("EXEIO_RUN", of: pid) == .value("test"))
        #expect(startTime == ProcessTable.startTime(of: pid))
      } onExit: { _ in
        Issue.record("it was not executed")
      } then: {
        outcome = $0
      }
      var others = 0
      while outcome == nil {
        try runToItsEnd(on: loop, scheduler)
        others += 1
      }
      #expect(others > 5)
      let error = try #require(throws: UVError.self) { try outcome?.get() }
      #expect("\(error)" == "execute '\(program.path)': timed out after 5s")
      #expect(error.code == .timedOut)
      let pid = try #require(delayed)
      #expect(kill(pid, 0) == -1 && errno == ESRCH)
      #expect(start.pid == nil)
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func aStartThatHangsIsTakenBackAtOnce() throws {
    let program = try LeasedProgram(directory.file("program"))
    try withScheduler { loop, scheduler in
      var outcome: Outcome?
      let start = try ChildStart(
        options(program.path), on: loop, reader: scheduler, timeout: .seconds(100), onExit: { _ in }
      ) {
        outcome = $0
      }
      start.cancel()
      start.cancel()
      try runLoop(loop) { outcome != nil }
      #expect(throws: UVError(code: -ECANCELED, operation: "execute", subject: program.path)) {
        try outcome?.get()
      }
    }
  }

  /// It has been executed by then, and its owner ends it as it ends all.
  @Test func aStartThatIsTakenBackTooLateIsOne() throws {
    try withScheduler { loop, scheduler in
      var outcome: Outcome?
      var exits: [Basics.ExitStatus] = []
      let start = try ChildStart(
        options("sleep", ["100"]), on: loop, reader: scheduler, timeout: .seconds(100),
        onExit: { exits.append($0) }
      ) {
        outcome = $0
      }
      // The loop, which does not turn meanwhile, has not heard of it.
      let end = Clock.monotonicTime + .seconds(60)
      while start.pid.flatMap({ ProcessTable.name(of: $0) }) != "sleep",
        Clock.monotonicTime < end
      {
        usleep(1000)
      }
      start.cancel()
      try runLoop(loop) { outcome != nil }
      let child = try #require(try outcome?.get())
      try ProcessGroups.signal(SIGKILL, group: child.pid)
      try runLoop(loop) { !exits.isEmpty }
      #expect(exits == [.signal(.kill)])
      child.close()
    }
  }

  private var made: String { directory.file("made") }

  /// A start whose child waits for a file, and is to make another one by its command.
  private final class HeldStart {
    let made: String
    let start: ChildStart
    private let box = Box()
    var outcome: Outcome? { box.outcome }
    /// Its child, once it has waited for a moment.
    var pid: Int32? { box.delayed }
    var exit: Basics.ExitStatus? { box.exit }

    private final class Box {
      var outcome: Outcome?
      var exit: Basics.ExitStatus?
      var delayed: Int32?
    }

    init(
      making made: String, on loop: Loop, _ scheduler: OutputScheduler,
      timeout: Duration = .seconds(100)
    ) throws {
      self.made = made
      var asked = options("touch", [made])
      asked.awaited = "/var/log/x.log"
      start = try ChildStart(
        asked, on: loop, reader: scheduler, timeout: timeout,
        onDelay: { [box] pid, _ in box.delayed = pid }, onExit: { [box] in box.exit = $0 },
        then: { [box] in box.outcome = $0 })
    }

    /// Expects that it fails with this error, without a child and without its command.
    func expectFailure(_ error: String, on loop: Loop) throws {
      try runLoop(loop) { outcome != nil }
      let failure = try #require(throws: UVError.self) { try outcome?.get() }
      #expect("\(failure)" == error)
      #expect(!FileManager.default.fileExists(atPath: made))
      if let pid { #expect(kill(pid, 0) == -1 && errno == ESRCH) }
    }
  }

  @Test func aChildThatIsHeldExecutesItsCommandWhenItMayProceed() throws {
    try withScheduler { loop, scheduler in
      let held = try HeldStart(making: made, on: loop, scheduler)
      try runLoop(loop) { held.pid != nil }
      #expect(held.outcome == nil && !FileManager.default.fileExists(atPath: held.made))
      held.start.proceed()
      try runLoop(loop) { held.outcome != nil }
      let child = try #require(try held.outcome?.get())
      #expect(child.pid == held.pid)
      try runLoop(loop) { held.exit != nil }
      #expect(held.exit == .code(0) && FileManager.default.fileExists(atPath: held.made))
      child.close()
    }
  }

  @Test(arguments: [true, false])
  func aChildThatIsRefusedExecutesNothing(itWaits: Bool) throws {
    try withScheduler { loop, scheduler in
      let held = try HeldStart(making: made, on: loop, scheduler)
      if itWaits { try runLoop(loop) { held.pid != nil } }
      held.start.refuse(UVError(code: -EISDIR, operation: "open", subject: "/var/log/x.log"))
      // Both are too late.
      held.start.proceed()
      held.start.cancel()
      try held.expectFailure("open '/var/log/x.log': Is a directory", on: loop)
    }
  }

  @Test func aChildThatIsHeldIsTakenBackAtOnce() throws {
    try withScheduler { loop, scheduler in
      let held = try HeldStart(making: made, on: loop, scheduler)
      try runLoop(loop) { held.pid != nil }
      held.start.cancel()
      try held.expectFailure("execute 'touch': Operation canceled", on: loop)
    }
  }

  @Test func whatAChildIsHeldForIsToldWhenItTakesTooLong() throws {
    try withScheduler { loop, scheduler in
      let held = try HeldStart(making: made, on: loop, scheduler, timeout: .milliseconds(500))
      try held.expectFailure("wait for '/var/log/x.log': timed out after 0.5s", on: loop)
      #expect(held.pid != nil)
    }
  }

  /// There is no child, and none comes: the fork server does not serve.
  @Test(.timeLimit(.minutes(1)))
  func aRequestThatIsNotServedIsRefusedAllTheSame() async {
    await #expect(processExitsWith: .success) { [made = made as String] in
      try withScheduler { loop, scheduler in
        _ = try stoppedServer(on: loop, scheduler)
        let held = try HeldStart(making: made, on: loop, scheduler)
        held.start.refuse(UVError(code: -EISDIR, operation: "open", subject: "/var/log/x.log"))
        try held.expectFailure("open '/var/log/x.log': Is a directory", on: loop)
        try runToItsEnd(on: loop, scheduler)
      }
    }
  }

  @Test func aRequestThatWasLostIsHeldAgain() async {
    await #expect(processExitsWith: .success) { [made = made as String] in
      try withScheduler { loop, scheduler in
        let server = try stoppedServer(on: loop, scheduler)
        let held = try HeldStart(making: made, on: loop, scheduler)
        kill(server, SIGKILL)
        try runLoop(loop) { held.pid != nil }
        #expect(held.outcome == nil && !FileManager.default.fileExists(atPath: held.made))
        held.start.refuse(UVError(code: -EISDIR, operation: "open", subject: "/var/log/x.log"))
        try held.expectFailure("open '/var/log/x.log': Is a directory", on: loop)
      }
    }
  }

  /// The next supervisor must not find it.
  @Test(.timeLimit(.minutes(1)))
  func aChildThatIsHeldEndsWithItsSupervisor() async throws {
    let result = await #expect(
      processExitsWith: .signal(SIGKILL), observing: [\.standardOutputContent]
    ) { [made = made as String] in
      try withScheduler { loop, scheduler in
        let held = try HeldStart(making: made, on: loop, scheduler)
        try runLoop(loop) { held.pid != nil }
        print("child", held.pid ?? 0)
        fflush(nil)
        kill(getpid(), SIGKILL)
      }
    }
    let output = String(decoding: try #require(result).standardOutputContent, as: UTF8.self)
    let pid = try #require(try #/child (\d+)/#.firstMatch(in: output).flatMap { Int32($0.1) })
    try waitForEnd(of: pid)
    #expect(!FileManager.default.fileExists(atPath: made))
  }

  @Test func aForkServerThatWasKilledIsReplaced() async {
    await #expect(processExitsWith: .success) {
      try SystemProcess.becomeSubreaper()
      try withScheduler { loop, scheduler in
        let reaper = OrphanReaper(on: loop) { _ in }
        try reaper.start()
        for _ in 0..<5 {
          try runToItsEnd(on: loop, scheduler)
          kill(try forkServer(), SIGKILL)
        }
        reaper.close()
      }
    }
  }

  @Test func aForkServerThatIsKilledWithARequestLosesNone() async {
    await #expect(processExitsWith: .success) {
      try withScheduler { loop, scheduler in
        let server = try stoppedServer(on: loop, scheduler)
        var outcome: Result<ChildProcess, UVError>?
        var exits: [Basics.ExitStatus] = []
        try ChildStart(
          options("true"), on: loop, reader: scheduler, timeout: .seconds(100),
          onExit: { exits.append($0) }
        ) {
          outcome = $0
        }
        kill(server, SIGKILL)
        try runLoop(loop) { outcome != nil }
        let child = try #require(try outcome?.get())
        try runLoop(loop) { !exits.isEmpty }
        #expect(exits == [.code(0)])
        child.close()
      }
    }
  }

  @Test func aForkServerThatIsStoppedIsReplacedWhenAStartHasTakenTooLong() async {
    await #expect(processExitsWith: .success) {
      try withScheduler { loop, scheduler in
        _ = try stoppedServer(on: loop, scheduler)
        var outcome: Result<ChildProcess, UVError>?
        try ChildStart(
          options("true"), on: loop, reader: scheduler, timeout: .milliseconds(200),
          onExit: { _ in }
        ) {
          outcome = $0
        }
        try runLoop(loop) { outcome != nil }
        #expect(throws: UVError.self) { try outcome?.get() }
        try runToItsEnd(on: loop, scheduler)
      }
    }
  }

  /// What is asked for and not served yet must not begin after its end: the next supervisor has
  /// looked for what is left by then.
  @Test(.timeLimit(.minutes(1)))
  func aForkServerEndsWithTheProcessThatItForksForWhateverItWasAskedFor() async throws {
    let result = await #expect(
      processExitsWith: .signal(SIGKILL), observing: [\.standardOutputContent]
    ) {
      try withScheduler { loop, scheduler in
        let server = try stoppedServer(on: loop, scheduler)
        try ChildStart(
          options("true"), on: loop, reader: scheduler, timeout: .seconds(100), onExit: { _ in }
        ) { _ in }
        print("server", server)
        fflush(nil)
        kill(getpid(), SIGKILL)
      }
    }
    let output = String(decoding: try #require(result).standardOutputContent, as: UTF8.self)
    let server = try #require(try #/server (\d+)/#.firstMatch(in: output).flatMap { Int32($0.1) })
    // It stands still: it has served nothing when it is gone.
    try waitForEnd(of: server)
  }

  /// Its copies of what another test has open may keep it from ending. A zombie that stays would be
  /// one for as long as this program lives.
  @Test(.enabled(if: HangingFiles.isPossible, "a file system of fuse(4) cannot be mounted here"))
  func aForkServerThatADiskKeepsFromEndingIsReapedLater() async {
    await #expect(processExitsWith: .success) {
      let files = try HangingFiles()
      let descriptor = open("\(files.path)/file", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
      try #require(descriptor >= 0)
      try files.hang(.close)
      try withScheduler { loop, scheduler in
        // It closes what it has copies of, and hangs with that: nothing is served.
        var outcome: Outcome?
        try ChildStart(
          options("true"), on: loop, reader: scheduler, timeout: .milliseconds(300),
          onExit: { _ in }
        ) {
          outcome = $0
        }
        try files.waitUntilHeld(.close)
        try runLoop(loop) { outcome != nil }
      }
      #expect(!ForkServer.reapLeft())
      files.end()
      #expect(ForkServer.reapLeft())
      #expect(ProcessTable.children(of: getpid()).isEmpty)
      close(descriptor)
    }
  }

  /// One that was killed on its way to its command, and ends only after its start was given up, is
  /// no zombie for as long as this process lives: whether it ends before the loop is closed, or
  /// after.
  @Test(
    .enabled(if: HangingFiles.isPossible, "a file system of fuse(4) cannot be mounted here"),
    arguments: [true, false])
  func aChildThatEndsAfterItsStartWasGivenUpIsReaped(endsBeforeTheLoop: Bool) async {
    await #expect(processExitsWith: .success) { [endsBeforeTheLoop] in
      let files = try HangingFiles()
      try Files.createNew(
        "\(files.behind)/program", mode: 0o755, contents: Array("#!/bin/sh\nexit 0\n".utf8))
      try files.hang(.open, .exec)
      var left: Int32?
      try withScheduler { loop, scheduler in
        var outcome: Outcome?
        let start = try ChildStart(
          options("\(files.path)/program"), on: loop, reader: scheduler,
          timeout: .milliseconds(200), onExit: { _ in }
        ) {
          outcome = $0
        }
        try runLoop(loop) {
          left = left ?? start.pid
          return outcome != nil
        }
        if endsBeforeTheLoop { try files.goOn() }
      }
      let pid = try #require(left)
      if !endsBeforeTheLoop {
        #expect(!ForkServer.reapLeft())
        try files.goOn()
        var info = siginfo_t()
        try #require(waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT) == 0)
        #expect(ForkServer.reapLeft())
      }
      #expect(waitpid(pid, nil, WNOHANG) == -1 && errno == ECHILD)
      files.end()
    }
  }

  /// The program that forks has none of the descriptors and none of the arguments of the one that
  /// it forks for, nor its environment.
  @Test func theForkServerHasNothingOfItsOwner() async {
    await #expect(processExitsWith: .success) {
      try withScheduler { loop, scheduler in
        try runToItsEnd(on: loop, scheduler)
        let server = try forkServer()
        let open = (0..<1024).filter { Files.target(ofLink: "/proc/\(server)/fd/\($0)") != nil }
        #expect(open == [0, 1, 2, 3])
        let line = try Files.read("/proc/\(server)/cmdline", limit: 1 << 20)
        #expect(String(decoding: line.prefix { $0 != 0 }, as: UTF8.self) == "exeio: spawner")
        #expect(line.dropFirst(14).allSatisfy { $0 == 0 })
        let environment = try Files.read("/proc/\(server)/environ", limit: 1 << 20)
        #expect(environment.allSatisfy { $0 == 0 })
      }
    }
  }

  /// More than a socket's buffer takes at a time.
  @Test func hundredsOfStartsAtOnceAllComeToTheirChild() async {
    await #expect(processExitsWith: .success) {
      try withScheduler { loop, scheduler in
        var exits = 0
        var children: [ChildProcess] = []
        for _ in 0..<600 {
          try ChildStart(
            options("true"), on: loop, reader: scheduler, timeout: .seconds(100),
            onExit: { if $0 == .code(0) { exits += 1 } }
          ) { result in
            do throws(UVError) { children.append(try result.get()) } catch {
              Issue.record("\(error)")
            }
          }
        }
        try runLoop(loop) { exits == 600 }
        for child in children { child.close() }
      }
    }
  }

  /// Such an environment does not go through a socket as one message.
  @Test func anEnvironmentThatIsVeryLongArrivesWhole() throws {
    let text = try outputOf(shell: "printf %s \"$LONG\" | wc -c; printf %s \"$LAST\"") {
      $0.environment += (0..<3).map {
        SystemString("V\($0)=" + String(repeating: "v", count: 100_000))
      }
      $0.environment += [
        SystemString("LONG=" + String(repeating: "x", count: 120_000)), "LAST=yes",
      ]
    }
    #expect(text == "120000\nyes")
  }
}

/// The fork server of this process. The kernel may leave a child out of the list while another one
/// ends.
private func forkServer() throws -> Int32 {
  for _ in 0..<10_000 {
    let found = ProcessTable.children(of: getpid()).first { pid in
      guard let record = ProcessRecord(pid) else { return false }
      return record.name == "exeio-spawner" && !record.hasEnded
    }
    if let found { return found }
    usleep(1000)
  }
  return try #require(nil as Int32?, "there is no fork server")
}

/// A fork server that has served, and stands still from now on.
private func stoppedServer(on loop: Loop, _ scheduler: OutputScheduler) throws -> Int32 {
  try runToItsEnd(on: loop, scheduler)
  let server = try forkServer()
  kill(server, SIGSTOP)
  return server
}

private func options(_ command: String, _ arguments: [String] = []) -> SpawnOptions {
  SpawnOptions(
    command: command, arguments: arguments, environment: ["PATH=\(TestPrograms.searchPath)"])
}

/// Starts a child that succeeds, and turns the loop until it has.
private func runToItsEnd(on loop: Loop, _ scheduler: OutputScheduler) throws {
  let scene = try Scene("true", on: loop, scheduler)
  try runLoop(loop) { scene.isOver }
  #expect(scene.exits == [.code(0)])
  scene.child.close()
}
