import Supervision
import UV

extension Daemon {
  /// Hands what the supervisor decided to the owner that does it. What fails at once comes back as an event.
  func perform(_ effect: Effect) {
    switch effect {
    case .openLog(let definition): logs.open(definition)
    case .closeLog(let name, let deletesFiles): closeLog(name, deletesFiles: deletesFiles)
    case .limitLog(let definition): logs.limit(definition)
    case .log(let name, let message): logs.write(message, to: name.rawValue)
    case .logSupervisor(let message, let level): context.log.write(level, message)
    case .spawn(let id, let definition, let run): spawner.spawn(id, definition, run: run)
    case .cancelSpawn(let id): spawner.cancel(id)
    case .closeSockets(let service): spawner.closeSockets(of: service.rawValue)
    case .signal(let id, let signal, let continues):
      runs.signal(id, signal, thenContinue: continues)
    case .signalLeader(let id, let signal): runs.signalLeader(id, signal)
    case .findSurvivors(let id): runs.findSurvivors(id)
    case .closeOutput(let id): runs.closeOutput(id)
    case .measure(let id): runs.measure(id)
    case .arm(let id, let delay): timers.arm(id, after: delay)
    case .disarm(let id): timers.disarm(id)
    case .probe(let id, let definition): probes.start(id, definition)
    case .cancelProbe(let id): probes.cancel(id)
    case .runAfterExit(let id, let definition, let status):
      hooks.runAfterExit(id, definition, status)
    case .cancelHook(let id): hooks.cancelAfterExit(id)
    case .save(let definitions, let id): saves.save(definitions, id)
    case .reply(let ticket, _): preconditionFailure("the reply to \(ticket) is the dispatcher's")
    case .finish(let exitCode):
      self.exitCode = exitCode
      finish()
    }
  }

  private func closeLog(_ name: InstanceID, deletesFiles: Bool) {
    let process = name.rawValue
    usageSampler.forget(process)
    heapTrimmer.noteRelease()
    logs.close(process, deletesFiles: deletesFiles) { [context] failure in
      context.send(.logClosed(process: name, failure: failure))
    }
  }
}
