import API
import Basics
import HTTP
import Logs
import Supervision
import UV

extension Daemon {
  /// Connects the owners and hands the saved processes over: they are listed from now on, and start
  /// as soon as nothing of an earlier run is left. Throws what the system refused.
  func start(_ state: StartupState) throws(UVError) {
    connect()
    do throws(UVError) {
      try connectNamedKeys()
      opened.watch(context.log, problems)
      serviceManager = try ServiceManager.connect(state.service, context, statusSource)
      try watchSignals()
      try processes.recovery.start(opened.alive, processes.processWatch.scanner)
    } catch {
      // The loop closes its handles by itself; a file is none.
      context.log.log.close { _ in }
      throw error
    }
    problems.onChange = { [unowned self] in serviceManager?.noteChange() }
    connectServer()
    logProblems.watchSupervisorLog()
    context.log.info("exeio process supervisor started")
    sayWhatWasFound(state)
    definitions.localTime.start()
    definitions.files.start(with: state.files.survey)
    warn(of: state.files.survey)
    if !processes.recovery.isDone { context.send(.leftoversFound) }
    context.send(.load(state.files.survey.definitions))
    // What the start has taken and needs no more.
    heapTrimmer.noteRelease()
  }

  private func connect() {
    dispatcher.perform = { [unowned self] in perform($0) }
    dispatcher.onShutdown = { [unowned self] in
      definitions.saves.file.hurry()
      // The service manager hears of a shutdown before the children do.
      serviceManager?.stopping()
      server.leaveHandedSockets()
    }
    dispatcher.onIdle = { [unowned self] in
      problems.showFaults(of: dispatcher.supervisor)
      serviceManager?.noteChange()
    }
    timers.onFired = { [context] in context.send(.timerFired($0)) }
    logs.onPressure = { [unowned self] process, isCongested in
      processes.runs.setCongested(isCongested, process: process)
      processes.helpers.setCongested(isCongested, process: process)
    }
    processes.helpers.onOutlived = { [log = context.log] process, survivors in
      let list = Survivor.list(survivors)
      log.error("What is left of a hook or probe of process '\(process)' outlived SIGKILL: \(list)")
    }
    processes.recovery.onAllEnded = { [context] in context.send(.leftoversEnded) }
    handler.perform = { [unowned self] in actions.perform($0, $1) }
  }

  private func connectNamedKeys() throws(UVError) {
    namedKeys.report = context.log.write
    namedKeys.onUse = { [problems] failure in
      if let failure {
        problems.raise(.keysFile, "no named key works: \(failure)", level: nil)
      } else {
        problems.clear(.keysFile)
      }
    }
    try namedKeys.follow(on: context.loop, clock: context.clock)
  }

  private var statusSource: ServiceManager.Source {
    ServiceManager.Source(
      status: { [unowned self] in
        StatusText.make(
          origin: address.origin, counts: dispatcher.supervisor.statusCounts,
          problems: problems.list.all.map(\.message))
      },
      longestEnd: { [unowned self] in
        max(dispatcher.supervisor.longestEnd(at: context.clock.now), processes.recovery.longestEnd)
      })
  }

  private func watchSignals() throws(UVError) {
    let signals = SignalHandler(
      context,
      SignalHandler.Actions(
        stop: { [context] in context.send(.shutdownRequested) },
        kill: { [context] in context.send(.killRequested) },
        hangUp: { [unowned self] in hangUp() },
        reopen: { [logs] in logs.reopenAll(because: .user1) }))
    self.signals = signals
    try signals.start()
  }

  /// Opens the log files again and reloads; the service manager hears when both are done.
  private func hangUp() {
    serviceManager?.reloading()
    var parts = 2
    let done = { [self] in
      parts -= 1
      if parts == 0 { serviceManager?.reloaded() }
    }
    logs.reopenAll(because: .hangUp, then: done)
    let reload = Command.reload(isDryRun: false)
    dispatcher.ask(reload) { [lastReload, log = context.log] reply in
      lastReload.note(reload, reply)
      switch reply {
      case .reloaded(_, let message): log.info("\(message) (SIGHUP)")
      case .refused(_, let message): log.error("\(message) (SIGHUP)")
      case .done, .created, .createdCopies, .results, .halted:
        preconditionFailure("a reload is answered with \(reply)")
      }
      done()
    }
  }

  private func connectServer() {
    server.onRequest = handler.handle
    server.judge = handler.refuse
    server.onReleased = { [heapTrimmer] in heapTrimmer.noteRelease(bytes: $0) }
    server.hasWaitingReaders = { [logContext] in logContext.hasWaitingReaders }
    server.answers.onRoomForPages = { [unowned self] in logContext.resumeReading() }
    logContext.hasRoomForPages = { [answers = server.answers] in answers.hasRoomForPages }
    server.onError = { [log = context.log] in log.error($0) }
    server.onRefused = handler.noteRefused
    server.limitAlarms.onChange = { [unowned self] in limits.show($0, isReached: $1) }
  }

  /// Says what the start has found.
  private func sayWhatWasFound(_ state: StartupState) {
    let log = context.log
    log.write(state.cgroups.level, state.cgroups.message)
    let key = state.files.key
    if key.isNew, key.unwritten == nil {
      log.warning("There was no API key; made one in '\(key.origin)'")
    }
    if !state.handed.isEmpty {
      log.info(
        "Sockets were handed over (LISTEN_FDS=\(state.handed.count)): host and port are theirs")
      for origin in state.configuration.addressOrigins {
        warn(
          "\(origin) is not used: the sockets were handed over by the service manager; set ListenStream= in the socket unit instead, or disable that unit"
        )
      }
    }
    for warning in state.configuration.warnings { warn(warning) }
    if let warning = Exposure.warning(of: server.addresses) { warn(warning) }
  }

  /// For standard error alone: `exeio.log` has a line of each as a problem.
  private func warn(of survey: DefinitionFiles.Survey) {
    for mistake in survey.leftOut {
      context.log.warnOnStandardError(
        "'\(mistake.file.readable)' is left out: \(mistake.message)")
    }
    for warning in survey.warnings { context.log.warnOnStandardError(warning.message) }
  }

  /// Writes a warning to exeio.log, and to standard error for the person who starts the daemon.
  private func warn(_ warning: String) {
    context.log.warning(warning)
    context.log.warnOnStandardError(warning)
  }
}
