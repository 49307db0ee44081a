import Basics
import Supervision

extension PaperWorld {
  /// Begins a probe; only of what is alive, and never two at once.
  mutating func probe(_ run: RunID, _ definition: ProcessDefinition) {
    if probes.contains(where: { $0.process == run.process }) {
      violations.append("two probes of \(run.process) at once")
    }
    guard let child = children[run], child.leaderIsAlive else {
      return violations.append("a probe of \(run), which is not alive")
    }
    if definition.healthCheck == nil { violations.append("a probe without a check: \(run)") }
    probes.insert(run)
    let result =
      child.behaviour.probeObstacle.map { ProbeResult.unknown($0) }
      ?? child.behaviour.probeFailure.map { .failed($0) } ?? .succeeded
    answer(.run(run, .probed(result)), after: child.behaviour.probeTakes)
  }

  mutating func cancelProbe(_ run: RunID) {
    if probes.remove(run) == nil { violations.append("no probe of \(run) to cancel") }
    forget { if case .run(run, .probed) = $0 { true } else { false } }
  }

  mutating func measure(_ run: RunID) {
    guard let child = children[run], child.leaderIsAlive else {
      return violations.append("a look at the memory of \(run), which is not alive")
    }
    if !measurements.insert(run).inserted { violations.append("two looks at \(run) at once") }
    answer(.run(run, .measured(residentBytes: child.behaviour.memory)), after: nil)
  }

  /// Begins the hook before a run.
  mutating func runBeforeStart(_ run: RunID, _ definition: ProcessDefinition) {
    if definition.beforeStart == nil { violations.append("a hook that nobody asked for: \(run)") }
    if !preparing.insert(run).inserted { violations.append("two hooks before \(run)") }
    let behaviour = behaviours[run.process] ?? PaperBehaviour()
    answer(
      .run(run, .beforeStartEnded(failure: behaviour.beforeStartFailure)),
      after: behaviour.beforeStartTakes.map { min($0, definition.hookTimeout) })
  }

  /// Ends the hook before a run; one that has ended already is about to be told.
  mutating func cancelBeforeStart(_ run: RunID) {
    let isIt: (AgendaItem) -> Bool = {
      if case .event(.run(run, .beforeStartEnded)) = $0 { true } else { false }
    }
    guard agenda.contains(where: { isIt($0.item) }) else { return }
    agenda.removeAll { isIt($0.item) }
    queue.append(.run(run, .spawnCancelled))
  }

  /// Begins the hook after a run; only when nothing of its process is left.
  mutating func runHook(_ run: RunID, _ definition: ProcessDefinition) {
    if liveChildren(of: run.process) > 0 {
      violations.append("a hook while something of \(run.process) is left")
    }
    if !hooks.insert(run).inserted { violations.append("two hooks after \(run)") }
    if definition.afterExit == nil { violations.append("a hook that nobody asked for: \(run)") }
    let takes = children[run]?.behaviour.hookTakes
    answer(.run(run, .hookEnded), after: takes.map { min($0, definition.hookTimeout) })
  }

  mutating func cancelHook(_ run: RunID) {
    if !hooks.contains(run) { violations.append("no hook after \(run) to cancel") }
    forget { if case .run(run, .hookEnded) = $0 { true } else { false } }
    queue.append(.run(run, .hookEnded))
  }

  mutating func signalLeader(_ run: RunID, _ signal: Signal) {
    guard let child = children[run], child.leaderIsAlive else {
      return violations.append("a signal to the leader of \(run), which is not alive")
    }
    if signal == .kill, !child.behaviour.outlivesKill {
      schedule(.leaderEnds(run, .signal(signal)), after: .zero)
    }
  }

  /// The latest run of a process tells something of itself.
  mutating func tell(_ process: String, _ change: (inout Notification) -> Void) {
    guard let run = supervisor.run(of: process) else {
      return violations.append("\(process) is not alive, and tells nothing")
    }
    var notification = Notification()
    change(&notification)
    send(.run(run, .notified(notification)))
  }

  /// Looks at the latest definition of what a child does: another one does from now on.
  mutating func changeBehaviour(of process: String, _ change: (inout PaperBehaviour) -> Void) {
    change(&behaviours[process, default: PaperBehaviour()])
    for run in children.keys where run.process == process {
      guard let child = children[run] else { continue }
      children[run] = child.behaving(behaviours[process] ?? child.behaviour)
    }
  }

  private mutating func answer(_ event: Event, after delay: Duration?) {
    if let delay {
      schedule(.event(event), after: delay)
    } else {
      queue.append(event)
    }
  }

  private mutating func forget(_ isIt: (Event) -> Bool) {
    queue.removeAll(where: isIt)
    agenda.removeAll { entry in
      if case .event(let event) = entry.item { isIt(event) } else { false }
    }
  }
}
