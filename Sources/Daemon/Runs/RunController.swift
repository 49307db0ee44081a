import Basics
import Logs
import Supervision
import UV

/// The runs whose children have executed their commands: signals them, moves their output into the
/// logs, and tells the supervisor how they end.
final class RunController {
  private let context: DaemonContext
  private let parts: Parts
  private let logs: ProcessLogs
  private var runs: [RunID: ActiveRun] = [:]

  /// What runs are followed with.
  struct Parts {
    let journal: RunStateJournal
    let cgroups: RunCgroups
    let orphanTracker: OrphanTracker
    let scopeWatch: ScopeWatch
    let usageSampler: UsageSampler
    let heapTrimmer: HeapTrimmer
  }

  init(_ context: DaemonContext, _ parts: Parts, _ logs: ProcessLogs) {
    self.context = context
    self.parts = parts
    self.logs = logs
  }

  /// The child of a run executes its command.
  func began(_ start: RunStart, _ child: ChildProcess, _ path: CommandPath, _ log: Log) {
    let (id, definition) = (start.id, start.definition)
    let tag = definition.isPeriodic ? start.count : nil
    let run = ActiveRun(
      id: id, journalNumber: start.journalNumber, child: child,
      scope: RunScope(
        child, mark: start.mark.text, cgroup: start.cgroup, orphanTracker: parts.orphanTracker),
      stdout: log.input(.stdout, run: tag), stderr: log.input(.stderr, run: tag))
    run.notifySocket = start.notifySocket
    runs[id] = run
    parts.usageSampler.began(id, UsageReader.Subject(leader: child.pid, cgroup: start.cgroup?.path))
    watchMemory(of: run, definition)
    parts.journal.began(start.journalNumber, leader: child.pid, startTime: run.scope.startTime)
    context.send(.run(id, .spawned(pid: child.pid)))
    if !start.messages.isEmpty { received(start.messages, for: id) }
    startReading(run, path, log)
  }

  private func startReading(_ run: ActiveRun, _ path: CommandPath, _ log: Log) {
    let id = run.id
    let began = context.now
    run.startReading(isCongested: log.isUnderPressure) { [self] lastErrorLine in
      forgetIfOver(run)
      guard let line = lastErrorLine, context.now - began < .seconds(1) else {
        return context.send(.run(id, .outputEnded(lastErrorLine: lastErrorLine)))
      }
      // An interpreter that is given DOS line ends fails at once, and does not mention them.
      path.findDOSLineEnd(on: context.loop) { [context] fault in
        let line = fault.map { "\(line) (\($0))" } ?? line
        context.send(.run(id, .outputEnded(lastErrorLine: line)))
      }
    }
  }

  /// Has kills in a group with a limit told while the leader lives.
  private func watchMemory(of run: ActiveRun, _ definition: ProcessDefinition) {
    guard let group = run.scope.cgroup, definition.execution.memoryMaxBytes != nil else { return }
    let id = run.id
    do throws(UVError) {
      let watch = try MemoryWatch(group, on: context.loop) { [self] kills in
        if runs[id]?.hasExited == false { context.send(.run(id, .outOfMemory(oomKills: kills))) }
      }
      try watch.start()
      run.memoryWatch = watch
    } catch {
      context.log.warning("The memory of process '\(id.process)' is not watched: \(error)")
    }
  }

  /// Takes what has come to the socket of a run in one turn: what counts of it is told as one.
  func received(_ messages: [NotifyMessage], for id: RunID) {
    guard let run = runs[id], !run.isGroupGone else { return }
    var news = Notification()
    var strangers: Set<Int32> = []
    for message in messages {
      if run.scope.sent(message) {
        if let notification = Notification(message: message.bytes) {
          news.merge(notification)
        } else {
          context.log.debug(
            "A notification of process '\(id.process)' has a NUL in it and is not taken: PID \(message.pid)"
          )
        }
      } else {
        strangers.insert(message.pid)
      }
    }
    for pid in strangers.sorted() {
      context.log.debug(
        "A notification for process '\(id.process)' is not from a process of it: PID \(pid)")
    }
    if !news.isEmpty { context.send(.run(id, .notified(news))) }
  }

  /// Sends a signal to everything that belongs to a run.
  func signal(_ id: RunID, _ signal: Signal, thenContinue continues: Bool) {
    guard let run = runs[id], !run.isGroupGone else { return }
    for failure in run.scope.signal(signal, thenContinue: continues) {
      logs.write("\(signal.name) could not be sent: \(failure)", to: id.process)
    }
    if signal == .kill { parts.scopeWatch.killed() }
  }

  /// Sends a signal to the leader of a run.
  func signalLeader(_ id: RunID, _ signal: Signal) {
    guard let run = runs[id], !run.hasExited else { return }
    do throws(UVError) {
      try ProcessTable.signal(signal.number, process: run.child.pid)
    } catch {
      logs.write("\(signal.name) could not be sent: \(error)", to: id.process)
    }
  }

  /// Tells who is left of a run.
  func findSurvivors(_ id: RunID) {
    context.send(.run(id, .survivors(runs[id]?.scope.survivors() ?? [])))
  }

  /// Takes what the pipes of a run hold at this moment, and closes them.
  func closeOutput(_ id: RunID) { runs[id]?.closeOutput() }

  /// Tells how much memory a run has.
  func measure(_ id: RunID) {
    context.send(.run(id, .measured(residentBytes: runs[id]?.scope.residentBytes())))
  }

  /// Stops or goes on reading the output of a process, as its log says.
  func setCongested(_ isCongested: Bool, process: String) {
    for run in runs.values where run.id.process == process { run.setCongested(isCongested) }
  }

  /// A run whose leader has not exited; nil if there is none.
  func live(_ id: RunID) -> ActiveRun? {
    guard let run = runs[id], !run.hasExited else { return nil }
    return run
  }

  /// The leader of a run has been reaped.
  func exited(_ id: RunID, _ status: ExitStatus) {
    guard let run = runs[id] else { return }
    run.exited()
    parts.scopeWatch.leaderExited(run.scope) { [self] remains in
      let oomKills = parts.cgroups.outOfMemoryKills(in: run.scope.cgroup, of: id.process)
      if !remains { groupGone(run) }
      context.send(.run(id, .exited(status, groupRemains: remains, oomKills: oomKills)))
    } onGone: { [self] in
      groupGone(run)
      context.send(.run(id, .groupGone))
    }
  }

  private func groupGone(_ run: ActiveRun) {
    run.groupGone()
    parts.usageSampler.ended(run.id, cpuTime: run.child.cpuTime ?? .zero)
    if let group = run.scope.cgroup { parts.cgroups.remove(group) }
    parts.journal.ended(run.journalNumber)
    forgetIfOver(run)
  }

  private func forgetIfOver(_ run: ActiveRun) {
    guard run.isOver else { return }
    runs[run.id] = nil
    run.close()
    parts.heapTrimmer.noteRelease()
  }

  /// Lets go of what is left. What outlived `SIGKILL` stays in the run state: the next start tries
  /// again.
  func close() {
    for run in runs.values { run.close() }
    runs = [:]
  }
}
