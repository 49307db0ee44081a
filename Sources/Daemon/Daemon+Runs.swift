import Logs
import Supervision
import UV

extension Daemon {
  /// Starts the child of a run.
  func spawn(_ id: RunID, _ definition: ProcessDefinition, run count: Int) {
    let (number, marker) = journal.intend(definition)
    var group: Cgroup?
    var notifySocket: NotifyListener?
    do {
      let log = openedLog(definition)
      notifySocket = try openNotifySocket(of: id, definition)
      let surroundings = try Surroundings(
        of: definition, inherited: inherited, marker: marker,
        adding: Self.notifyVariables(notifySocket, definition))
      let sockets = try listenBook.sockets(for: definition, owner: surroundings.identity)
      group = try cgroups?.makeGroup(of: definition.id, definition.cgroupLimits)
      let commandLine = [definition.execution.command] + definition.execution.arguments
      var made = surroundings.options(commandLine, sockets: sockets, cgroup: group)
      if definition.execution.watchdog != nil { made.numberVariables = ["WATCHDOG_PID"] }
      let options = made
      let child = try ChildProcess(options, on: loop, reader: outputScheduler) { [self] exit in
        exited(id, exit)
      }
      let tag = definition.isPeriodic ? count : nil
      let run = ActiveRun(
        id: id, journalNumber: number, child: child,
        scope: RunScope(leader: child.pid, mark: marker.value, cgroup: group, strays: strays),
        stdout: log.input(.stdout, run: tag), stderr: log.input(.stderr, run: tag))
      run.notifySocket = notifySocket
      runs[id] = run
      usageBook.began(id, UsageReader.Subject(leader: child.pid, cgroup: group?.path))
      watchMemory(of: run, definition)
      journal.began(number, leader: child.pid, startTime: run.scope.startTime)
      send(.spawned(id, pid: child.pid))
      let began = now.monotonic
      run.startReading(isCongested: log.isUnderPressure) { [self] lastErrorLine in
        forgetIfOver(run)
        var line = lastErrorLine
        // An interpreter that is given DOS line ends fails at once, and does not mention them.
        if let said = line, now.monotonic - began < .seconds(1),
          let fault = options.dosLineEnd
        {
          line = "\(said) (\(fault))"
        }
        send(.outputEnded(id, lastErrorLine: line))
      }
    } catch {
      notifySocket?.close()
      if let group { discard(group) }
      journal.ended(number)
      send(.spawnFailed(id, reason: Self.reason(error, definition)))
    }
  }

  /// Ends what a start that failed late may have left in its group: the next start needs it empty.
  private func discard(_ group: Cgroup) {
    do throws(UVError) {
      _ = try group.kill()
    } catch {
      ownLog.warning("\(error)")
    }
    remove(group)
  }

  /// Why a start failed, at the field of the definition that is to blame.
  static func reason(_ error: any Error, _ definition: ProcessDefinition) -> String {
    guard let error = error as? UVError else { return "\(error)" }
    return limitReason(error, definition) ?? StartRefusal(error, in: definition).description
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
    usageBook.ended(run.id, cpuTime: run.child.cpuTime ?? .zero)
    if let group = run.scope.cgroup { remove(group) }
    journal.ended(run.journalNumber)
    forgetIfOver(run)
  }

  private func forgetIfOver(_ run: ActiveRun) {
    guard run.isOver else { return }
    runs[run.id] = nil
    run.close()
    heapKeeper.noteRelease()
  }

  /// The log of a process. It goes on in the file that its name leads to, which is made again where it was removed.
  func openedLog(_ definition: ProcessDefinition) -> Log {
    if let log = logs[definition.id] {
      log.reopen()
      return log
    }
    let log = makeLog(definition)
    logs[definition.id] = log
    return log
  }

  /// Calls `start` once the log of a process can be written to; the start fails where what has its name is no log.
  func openLog(for id: RunID, _ definition: ProcessDefinition, then start: @escaping () -> Void) {
    let log = logs[definition.id] ?? openedLog(definition)
    startsBeforeLog.insert(id)
    log.whenOpen { [self] error in
      guard startsBeforeLog.remove(id) != nil else { return }
      guard let error else { return start() }
      send(.spawnFailed(id, reason: Self.reason(error, definition)))
    }
  }
}
