import Supervision
import UV

extension Daemon {
  /// Hands what the supervisor decided to the owner that does it. What fails at once comes back as an event.
  func perform(_ effect: Effect) {
    switch effect {
    case .openLog(let definition): logs.open(definition)
    case .closeLog(let process, let deletesFiles): closeLog(process, deletesFiles: deletesFiles)
    case .limitLog(let definition): logs.limit(definition)
    case .log(let process, let message): logs.write(message, to: process)
    case .logSupervisor(let message, let level): context.log.write(level, message)
    case .spawn(let id, let definition, let run): processes.spawner.spawn(id, definition, run: run)
    case .cancelSpawn(let id): processes.spawner.cancel(id)
    case .closeSockets(let service): processes.spawner.closeSockets(of: service)
    case .signal(let id, let signal, let continues):
      processes.runs.signal(id, signal, thenContinue: continues)
    case .signalLeader(let id, let signal): processes.runs.signalLeader(id, signal)
    case .findSurvivors(let id): processes.runs.findSurvivors(id)
    case .closeOutput(let id): processes.runs.closeOutput(id)
    case .measure(let id): processes.runs.measure(id)
    case .arm(let id, let delay): timers.arm(id, after: delay)
    case .disarm(let id): timers.disarm(id)
    case .probe(let id, let definition): processes.probes.start(id, definition)
    case .cancelProbe(let id): processes.probes.cancel(id)
    case .runAfterExit(let id, let definition, let status):
      processes.hooks.runAfterExit(id, definition, status)
    case .cancelHook(let id): processes.hooks.cancelAfterExit(id)
    case .save(let definitions, let id): saves.save(definitions, id)
    case .reply(let ticket, _): preconditionFailure("the reply to \(ticket) is the dispatcher's")
    case .finish(let exitCode):
      self.exitCode = exitCode
      finish()
    }
  }

  private func closeLog(_ process: String, deletesFiles: Bool) {
    processes.usageSampler.forget(process)
    heapTrimmer.noteRelease()
    logs.close(process, deletesFiles: deletesFiles) { [context] failure in
      context.send(.logClosed(process: process, failure: failure))
    }
  }
}
