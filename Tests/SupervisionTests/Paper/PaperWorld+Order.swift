import Basics
import Supervision

extension PaperWorld {
  /// Notes what is up when everything is to end.
  mutating func noteWhatIsUp() {
    for entry in supervisor.entries(at: now) where entry.status == .running || entry.pid != nil {
      guard entry.status != .stopping, let run = supervisor.run(of: entry.definition.id) else {
        continue
      }
      upAtShutdown.insert(run)
    }
  }

  /// Whatever starts must find what it depends on, before this event or after it: a rolling restart
  /// goes on to the next copy as soon as all are ready.
  mutating func checkDependencies(of definition: ProcessDefinition) {
    for dependency in definition.dependencies {
      guard let other = supervisor.definition(ofService: dependency.id.rawValue) else {
        violations.append("\(definition.id) starts without '\(dependency.id)'")
        continue
      }
      for name in other.runNames {
        guard let entry = supervisor.entry(name.rawValue, at: now) else { continue }
        let isMet =
          switch dependency.condition {
          case .started: entry.isReady || readyBefore.contains(name.rawValue)
          case .healthy: entry.isReady && entry.health.status == .healthy
          case .completed: entry.pid == nil && entry.lastExit != nil
          }
        if !isMet { violations.append("\(definition.id) starts before \(name)") }
      }
    }
  }

  /// In a shutdown, whatever is told to stop must not be needed any more. Where a definition is
  /// just being replaced, what only the old or only the new one says does not count.
  mutating func checkDependents(of run: RunID) {
    guard upAtShutdown.contains(run), let child = children[run], child.leaderIsAlive,
      let id = supervisor.entry(run.process, at: now)?.definition.serviceID
    else { return }
    for (other, child) in children where !child.isOver && !child.behaviour.outlivesKill {
      guard let old = supervisor.entry(other.process, at: now)?.definition,
        let new = supervisor.definition(ofService: old.serviceID.rawValue)
      else { continue }
      if [old, new].allSatisfy({ $0.dependencies.contains { $0.id == id } }) {
        violations.append("\(run.process) is stopped before \(other.process)")
      }
    }
  }
}
