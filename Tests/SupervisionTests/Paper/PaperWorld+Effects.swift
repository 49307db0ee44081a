import Basics
import Supervision

extension PaperWorld {
  /// Notes what an event says, before the supervisor hears it.
  mutating func noteBefore(_ event: Event) {
    readyBefore = Set(
      supervisor.entries(at: now).lazy.filter(\.isReady).map(\.definition.id))
    switch event {
    case .command(let command, _): note(command)
    case .run(let run, .exited(_, groupRemains: false, _)), .run(let run, .groupGone):
      reportedGone.insert(run)
    case .saved, .saveFailed: saveIsOut = false
    case .load(let definitions): stopped.subtract(definitions.flatMap(\.definition.runNames))
    case .definitionFilesRead: isReadingFiles = false
    case .run(let run, .beforeStartEnded):
      preparing.remove(run)
      prepared.insert(run)
    case .run(let run, .spawnCancelled): preparing.remove(run)
    case .run(let run, .probed): probes.remove(run)
    case .run(let run, .measured): measurements.remove(run)
    case .run(let run, .hookEnded): hooks.remove(run)
    case .shutdownRequested: noteWhatIsUp()
    case .run, .timerFired, .zoneRead, .logClosed, .killRequested, .leftoversFound,
      .leftoversEnded, .helpersEnded:
      break
    }
  }

  private mutating func note(_ command: Command) {
    switch command {
    case .add(let definition):
      if supervisor.runNames(of: definition.id) == nil { stopped.subtract(definition.runNames) }
    case .start(let id), .restart(let id), .rollingRestart(let id):
      stopped.subtract(runNames(of: id))
    case .stop(let id), .remove(let id, _):
      if !isRefused(command) { stopped.formUnion(runNames(of: id)) }
    case .startAll, .restartAll: stopped = []
    case .stopAll: stopped = Set(supervisor.entries(at: now).map(\.definition.instanceID))
    case .update, .scale, .signal, .reload, .shutdown: break
    }
  }

  private func runNames(of id: String) -> [InstanceID] {
    (supervisor.runNames(of: id) ?? []).map { InstanceID($0) }
  }

  /// Whether a removal is refused because others depend on the process, or a file says so.
  private func isRefused(_ command: Command) -> Bool {
    guard case .remove(let id, _) = command else { return false }
    var copy = supervisor
    let effects = copy.handle(.command(command, Ticket(0)), at: now)
    return effects.contains { effect in
      if case .reply(Ticket(0), let reply) = effect { reply.refusal == .conflict } else { false }
    } || supervisor.definition(ofService: id) == nil
  }

  /// Does what the daemon would do.
  mutating func perform(_ effect: Effect) {
    effects.append(effect)
    if hasFinished, !isReply(effect) { violations.append("after the finish: \(effect)") }
    switch effect {
    case .run(let run, let effect):
      perform(effect, to: run)
    case .log(let name, let effect):
      perform(effect, to: name)
    case .logSupervisor, .deleteFormerLogs:
      break
    case .closeSockets(let service):
      if openSockets.remove(service) == nil { violations.append("no sockets: \(effect)") }
    case .arm(let timer, let delay):
      latestOrder += 1
      timers[timer] = (clock + max(delay, .zero), latestOrder)
    case .disarm(let timer):
      if timers.removeValue(forKey: timer) == nil { violations.append("not armed: \(timer)") }
    case .save(let definitions, let save):
      write(definitions, save)
    case .definitionFiles(let effect):
      perform(effect)
    case .reply(let ticket, let reply):
      if !asked.contains(ticket) { violations.append("nobody asked: \(effect)") }
      if answers.updateValue(reply, forKey: ticket) != nil {
        violations.append("answered twice: \(effect)")
      }
    case .killLeftovers:
      break
    case .endHelpers:
      endHelpers()
    case .finish:
      checkFinish()
    }
  }

  private mutating func perform(_ effect: RunEffect, to run: RunID) {
    switch effect {
    case .runBeforeStart(let definition):
      checkSpawn(run)
      checkDependencies(of: definition)
      runBeforeStart(run, definition)
    case .spawn(let definition, _):
      checkSpawn(run)
      if definition.beforeStart == nil {
        checkDependencies(of: definition)
      } else if !prepared.contains(run) {
        violations.append("\(run.process) starts without its hook")
      }
      if !definition.execution.listen.isEmpty { openSockets.insert(definition.serviceID) }
      spawn(run)
    case .cancelSpawn:
      cancelSpawn(run)
    case .signal(let number, _):
      if reportedGone.contains(run) { violations.append("a signal to a group that is gone") }
      if number == .terminate { checkDependents(of: run) }
      signal(run, number)
    case .findSurvivors:
      if children[run]?.groupIsAlive != true { violations.append("nobody survives: \(run)") }
      findSurvivors(run)
    case .signalLeader(let number):
      signalLeader(run, number)
    case .probe(let definition):
      probe(run, definition)
    case .cancelProbe:
      cancelProbe(run)
    case .measure:
      measure(run)
    case .runAfterExit(let definition, _):
      runHook(run, definition)
    case .cancelHook:
      cancelHook(run)
    case .closeOutput:
      if children[run] == nil { violations.append("no such output: \(run)") }
      endOutput(of: run)
    }
  }

  private mutating func perform(_ effect: LogEffect, to name: InstanceID) {
    switch effect {
    case .open(let definition):
      if name != definition.instanceID { violations.append("the log of another: \(name)") }
      if !openLogs.insert(name).inserted { violations.append("opened twice: \(name)") }
    case .write(let line):
      if !openLogs.contains(name) { violations.append("not open: \(name): \(line)") }
    case .limit(let definition):
      if name != definition.instanceID { violations.append("the log of another: \(name)") }
      if !openLogs.contains(name) { violations.append("not open: \(name)") }
    case .close:
      if openLogs.remove(name) == nil { violations.append("closed, but not open: \(name)") }
      // Whatever has that name next is another one.
      stopped.remove(name)
      if let logClosingTakes {
        schedule(.event(.logClosed(name, failure: nil)), after: logClosingTakes)
      } else {
        queue.append(.logClosed(name, failure: nil))
      }
    }
  }

  private func isReply(_ effect: Effect) -> Bool {
    if case .reply = effect { true } else { false }
  }

  private mutating func checkSpawn(_ run: RunID) {
    if liveChildren(of: run.process) > 0 {
      violations.append("a second copy of \(run.process)")
    }
    if preparing.contains(where: { $0.process == run.process }) {
      violations.append("\(run.process) starts while the hook before it runs")
    }
    if hooks.contains(where: { $0.process == run.process }) {
      violations.append("\(run.process) starts while its hook runs")
    }
    if stopped.contains(run.instance) {
      violations.append("\(run.process) was stopped, and starts by itself")
    }
    if children[run] != nil { violations.append("a run twice: \(run)") }
  }

  private mutating func write(_ definitions: [ProcessDefinition], _ save: SaveID) {
    if saveIsOut { violations.append("two saves at once") }
    if Set(definitions.map(\.id)).count != definitions.count || !definitions.allSatisfy(\.isSaved) {
      violations.append("a save of the wrong processes")
    }
    saveIsOut = true
    var answer = Event.saved(save)
    if let saveFailure {
      answer = .saveFailed(save, reason: saveFailure, isConflict: saveIsConflict)
    } else {
      disk = definitions
    }
    if let saveTakes {
      schedule(.event(answer), after: saveTakes)
    } else {
      queue.append(answer)
    }
  }

  private mutating func perform(_ effect: DefinitionFilesEffect) {
    switch effect {
    case .read:
      if isReadingFiles { violations.append("the files are read twice at once") }
      if saveIsOut { violations.append("the files are read while they are written") }
      isReadingFiles = true
      guard let filesTake else { return queue.append(.definitionFilesRead(files)) }
      schedule(.event(.definitionFilesRead(files)), after: filesTake)
    case .take:
      filesTaken += 1
    case .giveBack:
      filesTaken -= 1
      if filesTaken < 0 { violations.append("files are given back that were not taken") }
    }
  }

  private mutating func endHelpers() {
    if let helpersTake {
      schedule(.event(.helpersEnded), after: helpersTake)
    } else {
      queue.append(.helpersEnded)
    }
  }

  private mutating func checkFinish() {
    hasFinished = true
    if saveIsOut { violations.append("finished while a save is out") }
    if !probes.isEmpty || !hooks.isEmpty || !preparing.isEmpty {
      violations.append("finished with a probe or hook")
    }
    if !timers.isEmpty { violations.append("finished with timers armed: \(timers.keys)") }
    for (run, child) in children where !child.isOver && !child.behaviour.outlivesKill {
      violations.append("finished while \(run.process) has something left")
    }
    if asked != Set(answers.keys) { violations.append("finished with questions open") }
  }
}
