import API
import Logs
import Supervision
import UV

extension Daemon {
  /// Does what the supervisor decided. What fails at once comes back as an event.
  func perform(_ effect: Effect) {
    switch effect {
    case .openLog(let definition): openLog(definition)
    case .closeLog(let process, let deletesFiles): closeLog(process, deletesFiles: deletesFiles)
    case .spawn(let id, let definition, let run):
      spawnQueue.add(id) { [self] place in begin(id, definition, run: run, place) }
    case .cancelSpawn(let id): cancelSpawn(id)
    case .signal(let id, let signal, let continues):
      self.signal(id, signal, thenContinue: continues)
    case .findSurvivors(let id): send(.survivors(id, runs[id]?.scope.survivors() ?? []))
    case .closeOutput(let id): runs[id]?.closeOutput()
    case .arm(let id, let delay): arm(id, after: delay)
    case .disarm(let id): timers.disarm(id)
    case .save(let definitions, let id): save(definitions, id)
    case .log(let process, let message): logs[process]?.system(message)
    case .logSupervisor(let message, let level): supervisorLog.write(level, message)
    case .reply(let ticket, let reply):
      if let (waited, reload) = reloadUnderWay, waited == ticket {
        reloadUnderWay = nil
        return reload.answer(reply)
      }
      guard let context = waiting.removeValue(forKey: ticket) else { return }
      if forcedTickets.remove(ticket) != nil { processesFile.keepAll() }
      answer(context, with: Answers.reply(reply, notes: context.notes, context: currentContext()))
    case .signalLeader(let id, let signal): signalLeader(id, signal)
    case .probe(let id, let definition): probes.start(id, definition)
    case .cancelProbe(let id): probes.cancel(id)
    case .measure(let id): send(.measured(id, residentBytes: runs[id]?.scope.residentBytes()))
    case .runAfterExit(let id, let definition, let status): runAfterExit(id, definition, status)
    case .cancelHook(let id): exitHooks[id]?.cancel()
    case .limitLog(let definition): logs[definition.id]?.limits = definition.logLimits
    case .closeSockets(let service): listenSockets.close(service)
    case .finish(let exitCode):
      self.exitCode = exitCode
      finish()
    }
  }

  private func openLog(_ definition: ProcessDefinition) {
    let log = makeLog(definition)
    logs[definition.id] = log
    log.whenOpen { [supervisorLog] error in
      // The start that follows tries again, and fails with this reason if it is still so.
      guard let error else { return }
      supervisorLog.error("The log of process '\(definition.id)' cannot be opened: \(error)")
    }
  }

  func makeLog(_ definition: ProcessDefinition) -> Log {
    let log = Log(
      path: configuration.logFile(definition.id), limits: definition.logLimits,
      context: logContext)
    showProblems(of: log, named: "the log of process '\(definition.id)'", subject: definition.id)
    log.onLoss = { [unowned self] in warnOfLoss(in: definition.id, because: $0) }
    log.onPressure = { [unowned self] isCongested in
      for run in runs.values where run.id.process == definition.id {
        run.setCongested(isCongested)
      }
      helpers.setCongested(isCongested, process: definition.id)
    }
    return log
  }

  private func closeLog(_ process: String, deletesFiles: Bool) {
    usageSampler.forget(process)
    heapTrimmer.noteRelease()
    guard let log = logs.removeValue(forKey: process) else {
      forgetProblems(ofLog: process)
      return send(.logClosed(process: process, failure: nil))
    }
    if deletesFiles {
      log.delete { [self] error in
        forgetProblems(ofLog: process)
        if let error {
          supervisorLog.error("The log of process '\(process)' is not deleted: \(error)")
        }
        send(.logClosed(process: process, failure: error.map { "\($0)" }))
      }
    } else {
      log.close { [self] error in
        // One whose file system does not answer goes on closing by itself.
        if let error {
          supervisorLog.error("The log of process '\(process)' is not closed: \(error)")
        }
        forgetProblems(ofLog: process)
        send(.logClosed(process: process, failure: nil))
      }
    }
  }

  private func arm(_ id: TimerID, after delay: Duration) {
    do throws(UVError) {
      try timers.arm(id, after: delay)
    } catch {
      // uv_timer_init has no way to fail but for a broken loop, and then nothing works.
      preconditionFailure("the timer \(id) cannot be armed: \(error)")
    }
  }
}

extension ProcessDefinition {
  /// How large its log may get.
  fileprivate var logLimits: LogLimits {
    LogLimits(maxBytes: logMaxBytes, maxFiles: logMaxFiles)
  }
}
