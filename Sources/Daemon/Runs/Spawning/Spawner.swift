import Basics
import Logs
import Supervision
import UV

/// Starts runs: what must be known of the account, the environment and the sockets, the log, the
/// child; and executes the hooks before them, in the same queue. Each start is told as
/// ``RunEvent/spawned(pid:)``, ``RunEvent/spawnFailed(reason:)`` or ``RunEvent/spawnCancelled``.
final class Spawner {
  private let context: DaemonContext
  private let parts: Parts
  private let logs: ProcessLogs
  private let hooks: HookRunner
  private let runs: RunController
  private let queue: SpawnQueue
  private let listenSockets: ListenSockets
  private let notifySockets: NotifySockets
  /// The starts whose hooks wait until their logs can be written to.
  private var waitsOfHooks: [RunID: (step: StartStep, place: SpawnQueue.Place)] = [:]
  /// The starts whose children do not execute their commands yet.
  private var starts: [RunID: RunStart] = [:]
  /// Those of them whose children wait for their logs.
  private var heldStarts: Set<RunID> = []
  /// How many children may wait so. On a disk that does not answer, each further start waits
  /// without one.
  private static let mostHeldStarts = 16

  /// What children are made with.
  struct Parts {
    /// What every child is given to begin with.
    let inherited: Inherited
    let journal: RunStateJournal
    let cgroups: RunCgroups
    /// Reads the output of children.
    let reader: OutputScheduler
    /// Of the notify sockets.
    let notifyDirectory: String
  }

  init(
    _ context: DaemonContext, _ parts: Parts, _ logs: ProcessLogs, _ hooks: HookRunner,
    _ runs: RunController
  ) throws(UVError) {
    self.context = context
    self.parts = parts
    self.logs = logs
    self.hooks = hooks
    self.runs = runs
    queue = try SpawnQueue(on: context.loop, clock: context.clock)
    listenSockets = ListenSockets(on: context.loop)
    notifySockets = NotifySockets(on: context.loop, directory: parts.notifyDirectory)
  }

  /// Executes the hook before a run when its turn has come. Its end is told as
  /// ``RunEvent/beforeStartEnded(failure:)`` or ``RunEvent/spawnCancelled``.
  func runBeforeStart(_ id: RunID, _ definition: ProcessDefinition) {
    guard let hook = definition.beforeStart else {
      return context.send(.run(id, .beforeStartEnded(failure: nil)))
    }
    queue.add(id) { [self] place in
      whenLogIsOpen(id, definition, place) { [self] in execute(hook, before: id, definition) }
    }
  }

  /// Starts a run when its turn has come.
  func spawn(_ id: RunID, _ definition: ProcessDefinition, run count: Int) {
    queue.add(id) { [self] place in
      start(id, definition, run: count, place)
    }
  }

  /// Takes a start back that has not come to its child: its hook is ended as a run would be.
  func cancel(_ id: RunID) {
    if hooks.endBeforeStart(id) { return }
    if let (step, place) = waitsOfHooks.removeValue(forKey: id) {
      step.end()
      place.leave()
      return context.send(.run(id, .spawnCancelled))
    }
    guard let start = starts[id] else {
      // Where an earlier run is still being ended, the end of that is what is waited for.
      return queue.replace(id) { [context] in context.send(.run(id, .spawnCancelled)) }
    }
    if start.cancel() { fail(start, StartRefusal("cancelled")) }
  }

  /// Closes the sockets that were handed over to the runs of a service.
  func closeSockets(of service: String) { listenSockets.close(service) }

  /// Keeps a process from starting until ``release(_:)`` was called as often.
  func hold(_ process: String) { queue.hold(process) }

  func release(_ process: String) { queue.release(process) }

  /// Lets go of everything; no start is under way.
  func close() {
    queue.close()
    listenSockets.closeAll()
  }

  // MARK: The hook before a start

  /// Calls `then` when the log of a process can be written to, perhaps within this call: its hook
  /// may have something to say. The start fails if what has the log's name is no log, and if its
  /// file system does not answer.
  private func whenLogIsOpen(
    _ id: RunID, _ definition: ProcessDefinition, _ place: SpawnQueue.Place,
    then: @escaping () -> Void
  ) {
    let log = logs[definition.id] ?? logs.current(definition)
    let step = StartStep()
    log.whenOpen { [self] error in
      guard !step.isOver else { return }
      step.end()
      waitsOfHooks[id] = nil
      if let error {
        context.send(.run(id, .beforeStartEnded(failure: Self.reason(error, definition))))
      } else {
        then()
      }
      place.leave()
    }
    guard !step.isOver else { return }
    waitsOfHooks[id] = (step, place)
    Self.arm { () throws(UVError) in
      try place.leave(after: ChildStart.delay)
      try step.limit(to: definition.startTimeout, on: context.loop) { [self] in
        waitsOfHooks[id] = nil
        context.send(.run(id, .beforeStartEnded(failure: timeout("log '\(log.path)'", definition))))
      }
    }
  }

  private func execute(
    _ hook: [String], before id: RunID, _ definition: ProcessDefinition
  ) {
    hooks.runBeforeStart(hook, id, definition) { [self] outcome in
      switch outcome {
      case .succeeded: context.send(.run(id, .beforeStartEnded(failure: nil)))
      case .cancelled: context.send(.run(id, .spawnCancelled))
      case .failed(let reason): context.send(.run(id, .beforeStartEnded(failure: reason)))
      }
    }
  }

  // MARK: The child

  private func start(
    _ id: RunID, _ definition: ProcessDefinition, run count: Int, _ place: SpawnQueue.Place
  ) {
    let start = RunStart(
      id, definition, run: count, mark: parts.journal.intend(definition), now: context.now, place)
    starts[id] = start
    let log = logs.current(definition)
    wait("notify socket", start) { [self] in
      openNotifySocket(of: id, definition, then: $0)
    } late: { (socket: NotifyListener?) in
      socket?.close()
    } then: { [self] socket in
      start.notifySocket = socket
      try findExecContext(of: start, log)
    }
    guard starts[id] === start else { return }
    Self.arm { () throws(UVError) in try start.leaveQueue(after: ChildStart.delay) }
  }

  /// Opens the socket on which a run tells of itself; nil for one that has no reason to.
  private func openNotifySocket(
    of id: RunID, _ definition: ProcessDefinition,
    then: @escaping (Result<NotifyListener?, UVError>) -> Void
  ) {
    guard definition.execution.wantsNotifySocket else { return then(.success(nil)) }
    notifySockets.open(for: definition) { [unowned self] messages in
      // A run may be faster than the news of its start.
      if let start = starts[id] {
        start.messages += messages
      } else {
        runs.received(messages, for: id)
      }
    } then: { result in
      then(result.map { $0 })
    }
  }

  /// What the child of a run is told of that (sd_notify(3), sd_watchdog_enabled(3)).
  private static func notifyVariables(
    _ socket: NotifyListener?, _ definition: ProcessDefinition
  ) -> Variables {
    guard let socket else { return [:] }
    var variables: Variables = ["NOTIFY_SOCKET": SystemString(bytes: socket.name.systemBytes)]
    if let watchdog = definition.execution.watchdog {
      variables["WATCHDOG_USEC"] = "\(Int64(watchdog / .microseconds(1)))"
    }
    return variables
  }

  private func findExecContext(of start: RunStart, _ log: Log) throws {
    let definition = start.definition
    let query = try ExecContextQuery(
      for: definition, inherited: parts.inherited, mark: start.mark,
      adding: Self.notifyVariables(start.notifySocket, definition),
      timeout: definition.startTimeout, spent: context.now - start.begunAt, on: context.loop
    ) { [self] result in
      switch result {
      case .failure(let refusal): fail(start, refusal)
      case .success(let execContext): findSockets(of: start, in: execContext, log)
      }
    }
    start.waits(for: query)
  }

  private func findSockets(of start: RunStart, in execContext: ExecContext, _ log: Log) {
    wait(Self.subject(ofListen: start.definition), start) { [self] in
      listenSockets.sockets(for: start.definition, owner: execContext.identity, then: $0)
    } late: { _ in
      // They are kept for the next run, and closed with the process.
    } then: { [self] sockets in
      guard !log.isOpen, heldStarts.count >= Self.mostHeldStarts else {
        return try startChild(of: start, in: execContext, sockets, log)
      }
      waitForLog(log, start) { [self] in
        try startChild(of: start, in: execContext, sockets, log)
      }
    }
  }

  /// The field, with its value where that is one path that a file system may keep waiting.
  private static func subject(ofListen definition: ProcessDefinition) -> String {
    let paths = definition.execution.listen.filter { $0.hasPrefix("/") }
    return paths.count == 1 ? "listen '\(paths[0])'" : "listen"
  }

  /// Goes on with a start when its log can be written to: enough children wait for theirs.
  private func waitForLog(_ log: Log, _ start: RunStart, then: @escaping () throws -> Void) {
    wait("log '\(log.path)'", start) { tell in
      log.whenOpen { error in tell(error.map { .failure($0) } ?? .success(())) }
    } late: {
    } then: {
      try then()
    }
  }

  /// Goes on with a start when something that it needs is there: at once, or within the time that
  /// it has left.
  /// - Parameters:
  ///   - what: for the error if it takes too long.
  ///   - begin: begins to get it.
  ///   - late: gets what comes when the start does not wait for it any more.
  private func wait<Value, Failure: Error>(
    _ what: String, _ start: RunStart,
    _ begin: (@escaping (Result<Value, Failure>) -> Void) -> Void,
    late: @escaping (Value) -> Void, then: @escaping (Value) throws -> Void
  ) {
    let step = StartStep()
    begin { [self] result in
      guard !step.isOver else {
        if case .success(let value) = result { late(value) }
        return
      }
      step.end()
      do {
        try then(try result.get())
      } catch {
        fail(start, error)
      }
    }
    guard !step.isOver else { return }
    start.waits(for: step)
    Self.arm { () throws(UVError) in
      let left = start.definition.startTimeout - (context.now - start.begunAt)
      try step.limit(to: left, on: context.loop) { [self] in
        fail(start, StartRefusal(timeout(what, start.definition)))
      }
    }
  }

  private func startChild(
    of start: RunStart, in execContext: ExecContext, _ sockets: [BoundSocket], _ log: Log
  ) throws {
    let (id, definition) = (start.id, start.definition)
    start.cgroup = try parts.cgroups.make(definition)
    let commandLine = [definition.execution.command] + definition.execution.arguments
    var options = execContext.options(commandLine, sockets: sockets, cgroup: start.cgroup)
    if definition.execution.watchdog != nil { options.numberVariables = ["WATCHDOG_PID"] }
    // The log's file is made while the child is, which executes nothing before that is there.
    if !log.isOpen { options.awaited = log.path }
    // Only this of all that the child was given is kept.
    let path = options.commandPath
    let child = try ChildStart(
      options, on: context.loop, reader: parts.reader, timeout: definition.startTimeout,
      spent: context.now - start.begunAt
    ) { [self] pid, startTime in
      start.leaveQueue()
      // A supervisor after this one must find what hangs before it has its mark.
      parts.journal.began(start.journalNumber, leader: pid, startTime: startTime)
    } onExit: { [runs] exit in
      runs.exited(id, exit)
    } then: { [self] result in
      switch result {
      case .success(let child):
        isOver(start)
        runs.began(start, child, path, log)
      case .failure(let error): fail(start, error)
      }
    }
    start.waits(for: child)
    guard !log.isOpen else { return }
    heldStarts.insert(id)
    log.whenOpen { [weak child] error in
      if let error { child?.refuse(error) } else { child?.proceed() }
    }
  }

  /// A start has come to no child.
  private func fail(_ start: RunStart, _ error: any Error) {
    isOver(start)
    start.notifySocket?.close()
    if let group = start.cgroup { parts.cgroups.discard(group) }
    parts.journal.ended(start.journalNumber)
    context.send(
      start.isCancelled
        ? .run(start.id, .spawnCancelled)
        : .run(start.id, .spawnFailed(reason: Self.reason(error, start.definition))))
  }

  private func isOver(_ start: RunStart) {
    starts[start.id] = nil
    heldStarts.remove(start.id)
    start.leaveQueue()
  }

  /// Why a start failed, at the field of the definition that is to blame.
  private static func reason(_ error: any Error, _ definition: ProcessDefinition) -> String {
    guard let error = error as? UVError else { return "\(error)" }
    return StartRefusal(error, in: definition).description
  }

  private func timeout(_ what: String, _ definition: ProcessDefinition) -> String {
    "\(what): timed out after \(definition.startTimeout.text)"
  }

  /// Arms timers of a start.
  private static func arm(_ body: () throws(UVError) -> Void) {
    do throws(UVError) {
      try body()
    } catch {
      // uv_timer_init has no way to fail but for a broken loop, and then nothing works.
      preconditionFailure("a start cannot be timed: \(error)")
    }
  }
}
