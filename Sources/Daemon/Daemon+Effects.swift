import Basics
import Supervision
import UV

extension Daemon {
  /// Hands what the supervisor decided to the owner that does it. What fails at once comes back as
  /// an event.
  func perform(_ effect: Effect) {
    switch effect {
    case .run(let id, let effect): perform(effect, to: id)
    case .log(let name, let effect): perform(effect, to: name)
    case .logSupervisor(let message, let level): context.log.write(level, message)
    case .deleteFormerLogs(let service):
      logs.deleteLogs(ofFormerCopies: service.rawValue) { [dispatcher] in
        dispatcher.supervisor.runNames(of: $0) != nil
      }
    case .closeSockets(let service): processes.spawner.closeSockets(of: service.rawValue)
    case .arm(let id, let delay): timers.arm(id, after: delay)
    case .disarm(let id): timers.disarm(id)
    case .save(let saved, let id): definitions.saves.save(saved, id)
    case .definitionFiles(let effect): perform(effect)
    case .reply(let ticket, _): preconditionFailure("the reply to \(ticket) is the dispatcher's")
    case .killLeftovers: processes.recovery.killAll()
    case .endHelpers:
      processes.probes.cancelAll()
      processes.helpers.cancelAll { [context] in context.send(.helpersEnded) }
    case .finish(let exitCode):
      self.exitCode = exitCode
      finish()
    }
  }

  private func perform(_ effect: DefinitionFilesEffect) {
    switch effect {
    case .read: definitions.files.read()
    case .take: definitions.files.take()
    case .giveBack: definitions.files.giveBack()
    }
  }

  private func perform(_ effect: RunEffect, to id: RunID) {
    switch effect {
    case .runBeforeStart(let definition): processes.spawner.runBeforeStart(id, definition)
    case .spawn(let definition, let run): processes.spawner.spawn(id, definition, run: run)
    case .cancelSpawn: processes.spawner.cancel(id)
    case .signal(let signal, let continues):
      processes.runs.signal(id, signal, thenContinue: continues)
    case .signalLeader(let signal): processes.runs.signalLeader(id, signal)
    case .findSurvivors: processes.runs.findSurvivors(id)
    case .closeOutput: processes.runs.closeOutput(id)
    case .measure: processes.runs.measure(id)
    case .probe(let definition): processes.probes.start(id, definition)
    case .cancelProbe: processes.probes.cancel(id)
    case .runAfterExit(let definition, let status):
      processes.hooks.runAfterExit(id, definition, status)
    case .cancelHook: processes.hooks.cancelAfterExit(id)
    }
  }

  private func perform(_ effect: LogEffect, to name: InstanceID) {
    switch effect {
    case .open(let definition): logs.open(definition)
    case .write(let message): logs.write(message, to: name.rawValue)
    case .limit(let definition): logs.limit(definition)
    case .close(let deletesFiles):
      processes.usageSampler.forget(name.rawValue)
      heapTrimmer.noteRelease()
      logs.close(name.rawValue, deletesFiles: deletesFiles) { [context] failure in
        context.send(.logClosed(name, failure: failure))
      }
    }
  }
}
