import Logs
import Supervision
import UV

extension Daemon {
  /// Starts the child of a run.
  func spawn(
    _ id: RunID, _ definition: ProcessDefinition, run count: Int, _ place: SpawnQueue.Place
  ) {
    let (number, marker) = journal.intend(definition)
    let start = RunStart(
      id, definition, run: count, journalNumber: number, marker: marker, now: now.monotonic, place)
    starts[id] = start
    let log = openedLog(definition)
    wait("notify socket", start) { [self] in
      openNotifySocket(of: id, definition, then: $0)
    } late: { (socket: NotifyListener?) in
      socket?.close()
    } then: { [self] socket in
      start.notifySocket = socket
      try findExecContext(of: start, log)
    }
    guard starts[id] === start else { return }
    do throws(UVError) {
      try start.leaveQueue(after: ChildStart.delay, on: loop)
    } catch {
      // uv_timer_init has no way to fail but for a broken loop, and then nothing works.
      preconditionFailure("a start cannot be timed: \(error)")
    }
  }

  private func findExecContext(of start: RunStart, _ log: Log) throws {
    let definition = start.definition
    let query = try ExecContextQuery(
      for: definition, inherited: inherited, marker: start.marker,
      adding: Self.notifyVariables(start.notifySocket, definition),
      timeout: definition.startTimeout, spent: now.monotonic - start.begunAt, on: loop
    ) { [self] result in
      switch result {
      case .failure(let refusal): fail(start, refusal)
      case .success(let execContext):
        wait(Self.subject(ofListen: definition), start) { [self] in
          listenSockets.sockets(for: definition, owner: execContext.identity, then: $0)
        } late: { _ in
          // They are kept for the next run, and closed with the process.
        } then: { [self] sockets in
          guard log.isOpen || heldStarts.count < Self.mostHeldStarts else {
            return waitForLog(log, start) { [self] in
              try startChild(of: start, in: execContext, sockets, log)
            }
          }
          try startChild(of: start, in: execContext, sockets, log)
        }
      }
    }
    start.waits(for: query)
  }

  /// Goes on with a start when its log can be written to, whose file has been made meanwhile: where many wait for a disk
  /// already, it is not made worth a process and its pipes. The start fails if what has its name is no log.
  private func waitForLog(
    _ log: Log, _ start: RunStart, then: @escaping () throws -> Void
  ) {
    wait("log '\(configuration.logFile(start.definition.id))'", start) { tell in
      log.whenOpen { error in tell(error.map { .failure($0) } ?? .success(())) }
    } late: {
    } then: {
      try then()
    }
  }

  /// The field, with its value where that is one path that a file system may keep waiting.
  private static func subject(ofListen definition: ProcessDefinition) -> String {
    let paths = definition.execution.listen.filter { $0.hasPrefix("/") }
    return paths.count == 1 ? "listen '\(paths[0])'" : "listen"
  }

  /// Goes on with a start when something that it needs is there: at once, or within the time that it has left.
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
    do throws(UVError) {
      let timeout = start.definition.startTimeout
      let left = timeout - (now.monotonic - start.begunAt)
      try step.limit(to: left, on: loop) { [self] in
        fail(start, StartRefusal("\(what): timed out after \(timeout.text)"))
      }
    } catch {
      step.end()
      fail(start, error)
    }
  }

  private func startChild(
    of start: RunStart, in execContext: ExecContext, _ sockets: [BoundSocket], _ log: Log
  ) throws {
    let definition = start.definition
    start.cgroup = try cgroups?.makeGroup(of: definition.id, definition.cgroupLimits)
    let commandLine = [definition.execution.command] + definition.execution.arguments
    var options = execContext.options(commandLine, sockets: sockets, cgroup: start.cgroup)
    if definition.execution.watchdog != nil { options.numberVariables = ["WATCHDOG_PID"] }
    // Only this of all that the child was given is kept.
    let path = options.commandPath
    let id = start.id
    // The log's file is made while the child is, which executes nothing before that is there.
    if !log.isOpen { options.awaited = configuration.logFile(id.process) }
    let child = try ChildStart(
      options, on: loop, reader: outputScheduler, timeout: definition.startTimeout,
      spent: now.monotonic - start.begunAt
    ) { [self] pid, startTime in
      start.leaveQueue()
      // A supervisor after this one must find what hangs before it has its mark.
      journal.began(start.journalNumber, leader: pid, startTime: startTime)
    } onExit: { [self] exit in
      exited(id, exit)
    } then: { [self] result in
      switch result {
      case .success(let child): began(start, child, path, log)
      case .failure(let error): fail(start, error)
      }
    }
    start.waits(for: child)
    guard !log.isOpen else { return }
    heldStarts.insert(id)
    log.whenOpen { [weak child] error in
      guard let child else { return }
      if let error { child.refuse(error) } else { child.proceed() }
    }
  }

  /// The child of a run executes its command.
  private func began(_ start: RunStart, _ child: ChildProcess, _ path: CommandPath, _ log: Log) {
    let (id, definition) = (start.id, start.definition)
    isOver(start)
    let tag = definition.isPeriodic ? start.count : nil
    let run = ActiveRun(
      id: id, journalNumber: start.journalNumber, child: child,
      scope: RunScope(
        child, mark: start.marker.value, cgroup: start.cgroup, orphanTracker: orphanTracker),
      stdout: log.input(.stdout, run: tag), stderr: log.input(.stderr, run: tag))
    run.notifySocket = start.notifySocket
    runs[id] = run
    usageSampler.began(id, UsageReader.Subject(leader: child.pid, cgroup: start.cgroup?.path))
    watchMemory(of: run, definition)
    journal.began(start.journalNumber, leader: child.pid, startTime: run.scope.startTime)
    send(.spawned(id, pid: child.pid))
    if !start.messages.isEmpty { received(start.messages, for: id) }
    let began = now.monotonic
    run.startReading(isCongested: log.isUnderPressure) { [self] lastErrorLine in
      forgetIfOver(run)
      guard let line = lastErrorLine, now.monotonic - began < .seconds(1) else {
        return send(.outputEnded(id, lastErrorLine: lastErrorLine))
      }
      // An interpreter that is given DOS line ends fails at once, and does not mention them.
      path.findDOSLineEnd(on: loop) { [self] fault in
        send(.outputEnded(id, lastErrorLine: fault.map { "\(line) (\($0))" } ?? line))
      }
    }
  }

  /// A start has come to no child.
  private func fail(_ start: RunStart, _ error: any Error) {
    isOver(start)
    start.notifySocket?.close()
    if let group = start.cgroup { discard(group) }
    journal.ended(start.journalNumber)
    send(
      start.isCancelled
        ? .spawnCancelled(start.id)
        : .spawnFailed(start.id, reason: Self.reason(error, start.definition)))
  }

  private func isOver(_ start: RunStart) {
    starts[start.id] = nil
    heldStarts.remove(start.id)
    start.leaveQueue()
  }

  /// Takes a start back that is under way; its end is told in any case.
  func cancel(_ start: RunStart) {
    guard start.cancel() else { return }
    fail(start, StartRefusal("cancelled"))
  }

  /// Ends what a start that failed late may have left in its group: the next start needs it empty.
  private func discard(_ group: Cgroup) {
    do throws(UVError) {
      _ = try group.kill()
    } catch {
      supervisorLog.warning("\(error)")
    }
    remove(group)
  }

  /// Why a start failed, at the field of the definition that is to blame.
  static func reason(_ error: any Error, _ definition: ProcessDefinition) -> String {
    guard let error = error as? UVError else { return "\(error)" }
    return limitReason(error) ?? StartRefusal(error, in: definition).description
  }

  /// Sends a signal to everything that belongs to a run.
  func signal(_ id: RunID, _ signal: Signal, thenContinue continues: Bool) {
    guard let run = runs[id], !run.isGroupGone else { return }
    for failure in run.scope.signal(signal, thenContinue: continues) {
      logs[id.process]?.system("\(signal.name) could not be sent: \(failure)")
    }
    if signal == .kill { scopeWatch.killed() }
  }

  /// Sends a signal to the leader of a run.
  func signalLeader(_ id: RunID, _ signal: Signal) {
    guard let run = runs[id], !run.hasExited else { return }
    do throws(UVError) {
      try SystemProcess.signal(signal.number, process: run.child.pid)
    } catch {
      logs[id.process]?.system("\(signal.name) could not be sent: \(error)")
    }
  }

  private func exited(_ id: RunID, _ exit: ChildExit) {
    guard let run = runs[id] else { return }
    run.exited()
    let status = ExitStatus(exit)
    scopeWatch.leaderExited(run.scope) { [self] remains in
      let oomKills = outOfMemoryKills(in: run)
      if !remains { groupGone(run) }
      send(.exited(id, status, groupRemains: remains, oomKills: oomKills))
    } onGone: { [self] in
      groupGone(run)
      send(.groupGone(id))
    }
  }

  private func groupGone(_ run: ActiveRun) {
    run.groupGone()
    usageSampler.ended(run.id, cpuTime: run.child.cpuTime ?? .zero)
    if let group = run.scope.cgroup { remove(group) }
    journal.ended(run.journalNumber)
    forgetIfOver(run)
  }

  private func forgetIfOver(_ run: ActiveRun) {
    guard run.isOver else { return }
    runs[run.id] = nil
    run.close()
    heapTrimmer.noteRelease()
  }

  /// The log of a process. It goes on in the file that its name leads to, which is made again where it was removed.
  func openedLog(_ definition: ProcessDefinition) -> Log {
    if let log = logs[definition.id] {
      // One without a file follows its name where it is waited for.
      if log.openingError == nil { log.reopen() }
      return log
    }
    let log = makeLog(definition)
    logs[definition.id] = log
    return log
  }

  /// Calls `start` once the log of a process can be written to, perhaps within this call: before its hook says something.
  /// The start fails if what has its name is no log, and if its file system does not answer within the start timeout.
  func openLog(
    for id: RunID, _ definition: ProcessDefinition, _ place: SpawnQueue.Place,
    then start: @escaping () -> Void
  ) {
    let log = logs[definition.id] ?? openedLog(definition)
    var isWaiting = false
    var isAnswered = false
    log.whenOpen { [self] error in
      if isWaiting {
        guard let timer = startsBeforeLog.removeValue(forKey: id) else { return }
        timer.close()
      }
      isAnswered = true
      guard let error else { return start() }
      send(.spawnFailed(id, reason: Self.reason(error, definition)))
    }
    guard !isAnswered else { return }
    isWaiting = true
    do throws(UVError) {
      let timer = try Timer(on: loop)
      startsBeforeLog[id] = timer
      timer.start(after: ChildStart.delay) { [self] in
        place.leave()
        timer.start(after: max(.zero, definition.startTimeout - ChildStart.delay)) { [self] in
          guard startsBeforeLog.removeValue(forKey: id) != nil else { return }
          timer.close()
          let reason =
            "log '\(configuration.logFile(definition.id))': timed out after \(definition.startTimeout.text)"
          send(.spawnFailed(id, reason: reason))
        }
      }
    } catch {
      // uv_timer_init has no way to fail but for a broken loop, and then nothing works.
      preconditionFailure("a start cannot be timed: \(error)")
    }
  }
}
