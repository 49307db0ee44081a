import Logs
import Supervision
import UV

extension Daemon {
  /// Starts the child of a run.
  func spawn(_ id: RunID, _ definition: ProcessDefinition, run count: Int) {
    let (number, marker) = journal.intend(definition)
    do throws(UVError) {
      let log = try openedLog(definition)
      let child = try ChildProcess(
        SpawnOptions(
          command: definition.command, arguments: definition.arguments,
          environment: ChildEnvironment.make(
            inherited: environment, adding: definition.environment, marker: marker),
          workingDirectory: definition.workingDirectory),
        on: loop, reader: outputScheduler
      ) { [self] exit in exited(id, exit) }
      let tag = definition.isPeriodic ? count : nil
      let run = ActiveRun(
        id: id, journalNumber: number, child: child, stdout: log.input(.stdout, run: tag),
        stderr: log.input(.stderr, run: tag))
      runs[id] = run
      usageBook.began(id, UsageReader.Subject(leader: child.pid))
      remember(run)
      send(.spawned(id, pid: child.pid))
      run.startReading(isCongested: log.isUnderPressure) { [self] in
        forgetIfOver(run)
        send(.outputEnded(id))
      }
    } catch {
      journal.ended(number)
      send(.spawnFailed(id, reason: Self.reason(error, definition)))
    }
  }

  /// Why a start failed, at the field of the definition that is to blame.
  private static func reason(_ error: UVError, _ definition: ProcessDefinition) -> String {
    switch error.operation {
    case "chdir": "working_dir '\(definition.workingDirectory ?? "")': \(error.reason)"
    case "execute": "command '\(definition.command)': \(error.reason)"
    default: "\(error)"
    }
  }

  /// Sends a signal to the process group of a run.
  func signal(_ id: RunID, _ signal: Signal) {
    guard let run = runs[id], !run.isGroupGone else { return }
    do throws(UVError) {
      try ProcessGroups.signal(signal.number, group: run.child.pid)
    } catch {
      // ESRCH: the last member has ended, and the news of it is on its way.
      guard error.name != "ESRCH" else { return }
      logs[id.process]?.system("\(signal.name) could not be sent to the process group: \(error)")
    }
  }

  private func exited(_ id: RunID, _ exit: ChildExit) {
    guard let run = runs[id] else { return }
    run.exited()
    let status: ExitStatus =
      switch exit {
      case .code(let code): .code(code)
      case .signal(let number): .signal(Signal(number: number))
      }
    // Children that the leader never waited for have just become ours, and count as members until reaped.
    ProcessGroups.reapEnded(in: run.child.pid)
    let groupRemains = ProcessGroups.exists(run.child.pid)
    if groupRemains {
      groupWatch.watch(run.child.pid) { [self] in
        groupGone(run)
        send(.groupGone(id))
      }
    } else {
      groupGone(run)
    }
    send(.exited(id, status, groupRemains: groupRemains))
  }

  private func groupGone(_ run: ActiveRun) {
    run.groupGone()
    usageBook.ended(run.id, cpuTime: run.child.cpuTime ?? .zero)
    journal.ended(run.journalNumber)
    forgetIfOver(run)
  }

  private func forgetIfOver(_ run: ActiveRun) {
    guard run.isOver else { return }
    runs[run.id] = nil
    run.child.close()
    heapKeeper.noteRelease()
  }

  /// Notes the run in the run state, so that a supervisor after a killed one finds it.
  private func remember(_ run: ActiveRun) {
    // Nil only if it has already ended and been reaped, which cannot be before its exit was seen here.
    guard let startTime = SystemProcess.startTime(of: run.child.pid) else { return }
    journal.began(
      run.journalNumber, RunState.Run.Leader(pid: run.child.pid, startTime: startTime))
  }

  /// The log of a process; one that could not be opened when the process was added may open now.
  private func openedLog(_ definition: ProcessDefinition) throws(UVError) -> Log {
    if let log = logs[definition.id] { return log }
    let log = try makeLog(definition)
    logs[definition.id] = log
    return log
  }
}
