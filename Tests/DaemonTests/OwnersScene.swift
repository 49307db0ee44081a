import API
import Glibc
import Logs
import Supervision
import TestSupport
import Testing
import UV

@testable import ExeioDaemon

/// Owners of the daemon on a real loop, with clocks of the test's own. What they tell the
/// supervisor is kept.
final class OwnersScene {
  let directory: TemporaryDirectory
  let loop: Loop
  let clock = TestClock()
  let configuration: Configuration
  let problems: Problems
  let logs: ProcessLogs
  let runs: RunController
  let helpers: HelperCommands
  let hooks: HookRunner
  let spawner: Spawner
  let context: DaemonContext
  let cgroups: RunCgroups
  var events: [Event] { box.events }
  /// Keeps the scene of a test that has failed.
  fileprivate var leftBehind: OwnersScene?
  private let box = Box()
  private let logContext: LogContext
  private let deferredWrites: DeferredWrites
  private let logProblems: LogProblems
  let scanner: ProcessScanner
  let orphanTracker: OrphanTracker
  let scopeWatch: ScopeWatch
  let reader: OutputScheduler
  let heapTrimmer: HeapTrimmer
  let journal: RunStateJournal

  private final class Box {
    var events: [Event] = []
  }

  /// Clocks that stand still until the test moves them. That of the loop's timers goes on, and so
  /// does the one that the kernel tells the starts of processes on, unless a test sets it.
  final class TestClock {
    var now = Moment(monotonic: .seconds(1000), sinceEpoch: .seconds(1_800_000_000))
    /// In clock ticks since the boot; nil: the kernel's.
    var bootTicks: UInt64?

    /// Moves both on.
    func pass(_ time: Duration) { now = now.advanced(by: time) }
  }

  init(on loop: Loop) throws {
    self.loop = loop
    let directory = try TemporaryDirectory()
    self.directory = directory
    let clock = clock
    var settings = Settings()
    for (option, name) in [(OptionName.configDirectory, "config"), (.dataDirectory, "data")] {
      try Files.createDirectories(directory.file(name), mode: 0o700)
      settings[option] = Settings.Setting(
        value: directory.file(name), origin: "--\(option.rawValue)", isOption: true)
    }
    configuration = try Configuration(settings, environment: [:])
    let times = Clock(
      monotonic: { clock.now.monotonic }, sinceEpoch: { clock.now.sinceEpoch },
      bootTicks: { clock.bootTicks ?? Clock.ticksSinceBoot })
    logContext = LogContext(loop: loop, origin: "test", now: times.sinceEpoch)
    let log = SupervisorLog(configuration, logContext, environment: [:])
    context = DaemonContext(
      loop: loop, clock: times, log: log, send: { [box] in box.events.append($0) })
    problems = Problems(write: log.write, clock: { times.now })
    deferredWrites = try DeferredWrites(on: loop, problems: problems)
    logProblems = LogProblems(context, problems, deferredWrites)
    logProblems.watchSupervisorLog()
    logs = ProcessLogs(context, logContext, configuration, logProblems)
    scanner = try ProcessScanner(on: loop)
    orphanTracker = try OrphanTracker(context, scanner)
    scopeWatch = try ScopeWatch(context, orphanTracker: orphanTracker)
    orphanTracker.onRead = { [unowned scopeWatch] in scopeWatch.check() }
    reader = try OutputScheduler(on: loop)
    heapTrimmer = try HeapTrimmer(on: loop)
    journal = try RunStateJournal(
      path: configuration.runStateFile, bootID: "boot",
      token: try DaemonToken(dataDirectory: configuration.dataDirectory), keeping: [], on: loop)
    cgroups = RunCgroups(context, CgroupSetup(tree: nil, message: ""))
    runs = RunController(
      context,
      RunController.Parts(
        journal: journal, cgroups: cgroups, orphanTracker: orphanTracker, scopeWatch: scopeWatch,
        usageSampler: UsageSampler(scanner, clock: times.monotonic), heapTrimmer: heapTrimmer),
      logs)
    let inherited = Inherited()
    helpers = HelperCommands(
      context,
      HelperCommands.Parts(
        inherited: inherited, journal: journal, reader: reader, orphanTracker: orphanTracker,
        scopeWatch: scopeWatch))
    hooks = HookRunner(context, helpers, logs)
    spawner = try Spawner(
      context,
      Spawner.Parts(
        inherited: inherited, journal: journal, cgroups: cgroups, reader: reader,
        notifyDirectory: configuration.notifyDirectory),
      logs, hooks, runs)
  }

  /// Turns the loop until something is so.
  func wait(until condition: () -> Bool) throws { try runLoop(loop, until: condition) }

  /// The same of something that the loop does not hear of: what a process has become, or has put
  /// into a directory.
  func poll(until condition: () -> Bool) throws { try pollLoop(loop, until: condition) }

  /// Turns the loop until an event was told.
  func wait(for event: Event) throws { try wait { events.contains(event) } }

  /// The lines of a log, without their times, once all that was given to it has been written.
  func lines(of process: String) throws -> [String] {
    let log = try #require(logs.log(named: process))
    var isWritten = false
    log.flush { isWritten = true }
    try wait { isWritten }
    let text = String(
      decoding: try Files.read(configuration.logFile(process), limit: 1 << 20), as: UTF8.self)
    return text.split(separator: "\n").map(String.init)
  }

  /// The lines of `exeio.log` so far.
  func supervisorLines() throws -> [String] {
    var isWritten = false
    context.log.log.flush { isWritten = true }
    try wait { isWritten }
    let text = String(
      decoding: try Files.read(configuration.logFile("exeio"), limit: 1 << 20), as: UTF8.self)
    return text.split(separator: "\n").map(String.init)
  }

  /// Lets go of everything; no run may be left.
  func close() {
    spawner.close()
    heapTrimmer.close()
    deferredWrites.close()
    scopeWatch.close()
    orphanTracker.close()
    scanner.close()
    runs.close()
    helpers.close()
    reader.close()
    journal.close()
    logs.closeAll()
    context.log.log.close { [logContext] _ in logContext.close() }
  }
}

/// Gives a test the owners on a loop, and closes them in the end.
func withOwners(_ body: (OwnersScene) throws -> Void) throws {
  // It is there until the loop has run dry: logs close in later turns.
  _ = try withLoop { loop in
    let scene = try OwnersScene(on: loop)
    do {
      try body(scene)
    } catch {
      // A log that is dropped with an open file would end all other tests.
      scene.leftBehind = scene
      throw error
    }
    scene.close()
    return scene
  }
}

/// `sh -c` of a script.
func shell(_ id: String, _ script: String) -> ProcessDefinition {
  var definition = ProcessDefinition(id: id, command: "sh")
  definition.execution.arguments = ["-c", script]
  return definition
}
