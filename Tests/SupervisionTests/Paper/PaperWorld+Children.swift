import Basics
import Supervision

extension PaperWorld {
  mutating func spawn(_ run: RunID) {
    let behaviour = behaviours[run.process] ?? PaperBehaviour()
    var answer = Event.run(run, .spawnFailed(reason: behaviour.startFailure ?? ""))
    if behaviour.startFailure == nil {
      latestPID += 1
      children[run] = PaperChild(behaviour, pid: latestPID)
      answer = .run(run, .spawned(pid: latestPID))
    }
    if let delay = behaviour.spawnTakes {
      schedule(.event(answer), after: delay)
    } else {
      queue.append(answer)
    }
    if behaviour.startFailure == nil, let lifetime = behaviour.lifetime {
      let delay = max(lifetime, behaviour.spawnTakes ?? .zero)
      schedule(.leaderEnds(run, behaviour.exit), after: delay)
    }
  }

  /// A spawn that still takes its time is taken back, if spawns of this world can be.
  mutating func cancelSpawn(_ run: RunID) {
    if preparing.contains(run) { return cancelBeforeStart(run) }
    let isWaiting = agenda.contains { entry in
      switch entry.item {
      case .event(.run(run, .spawned)), .event(.run(run, .spawnFailed)): true
      case .event, .leaderEnds, .helpersEnd, .outputEnds: false
      }
    }
    guard spawnsCanBeCancelled, isWaiting else { return }
    agenda.removeAll { Self.isOf(run, $0.item) }
    children[run] = nil
    queue.append(.run(run, .spawnCancelled))
  }

  private static func isOf(_ run: RunID, _ item: AgendaItem) -> Bool {
    switch item {
    case .event(.run(run, .spawned)), .event(.run(run, .spawnFailed)), .leaderEnds(run, _): true
    case .event, .leaderEnds, .helpersEnd, .outputEnds: false
    }
  }

  mutating func signal(_ run: RunID, _ signal: Signal) {
    guard let child = children[run] else {
      return violations.append("a signal to \(run), which has no child")
    }
    if child.behaviour.outlivesKill { return }
    let kills = signal == .kill
    if kills || !child.behaviour.ignoresStopSignal {
      let delay = kills ? .zero : child.behaviour.stopTakes
      schedule(.leaderEnds(run, .signal(signal)), after: delay)
    }
    if kills || !child.behaviour.helpersIgnoreStopSignal {
      schedule(.helpersEnd(run), after: .zero)
    }
  }

  /// Names the processes of a run that are alive, at once or after a while in which they may end
  /// after all.
  mutating func findSurvivors(_ run: RunID) {
    guard let child = children[run] else { return }
    var survivors: [Survivor] = []
    if child.leaderIsAlive { survivors.append(Survivor(pid: child.pid, name: "leader")) }
    if child.helpersAreAlive { survivors.append(Survivor(pid: child.pid + 1000, name: "helper")) }
    if let delay = child.behaviour.findingTakes {
      schedule(.event(.run(run, .survivors(survivors))), after: delay)
    } else {
      queue.append(.run(run, .survivors(survivors)))
    }
  }

  /// The kernel kills a helper because memory ran out.
  mutating func helperRunsOutOfMemory(_ run: RunID) {
    guard children[run]?.leaderIsAlive == true else { return }
    children[run]?.oomKills += 1
    queue.append(.run(run, .outOfMemory(oomKills: children[run]?.oomKills ?? 0)))
  }

  /// The kernel kills the leader because memory ran out.
  mutating func leaderRunsOutOfMemory(_ run: RunID) {
    guard children[run]?.leaderIsAlive == true else { return }
    children[run]?.oomKills += 1
    leaderEnds(run, .signal(.kill))
  }

  mutating func leaderEnds(_ run: RunID, _ status: ExitStatus) {
    guard let child = children[run], child.leaderIsAlive else { return }
    children[run]?.leaderIsAlive = false
    queue.append(
      .run(run, .exited(status, groupRemains: child.helpersAreAlive, oomKills: child.oomKills)))
    if !child.helpersAreAlive { lastMemberEnded(run) }
  }

  mutating func helpersEnd(_ run: RunID) {
    guard let child = children[run], child.helpersAreAlive else { return }
    children[run]?.helpersAreAlive = false
    if child.leaderIsAlive { return }
    queue.append(.run(run, .groupGone))
    lastMemberEnded(run)
  }

  private mutating func lastMemberEnded(_ run: RunID) {
    guard let child = children[run], !child.behaviour.outputIsHeld else { return }
    if child.behaviour.outputTakes == .zero {
      endOutput(of: run)
    } else {
      schedule(.outputEnds(run), after: child.behaviour.outputTakes)
    }
  }

  /// The supervisor closes the output of a run.
  mutating func endOutput(of run: RunID) {
    guard children[run]?.outputIsOpen == true else { return }
    children[run]?.outputIsOpen = false
    let line = children[run]?.behaviour.lastErrorLine
    queue.append(.run(run, .outputEnded(lastErrorLine: line)))
  }
}
