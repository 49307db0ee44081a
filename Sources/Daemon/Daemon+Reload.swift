import API
import Logs
import Supervision
import UV

extension Daemon {
  /// A reload that somebody waits for.
  struct Reload {
    let isDryRun: Bool
    /// Tells whoever asked what became of it.
    let answer: (Reply) -> Void
  }

  /// Reads the files of processes again, and has done what they say, or has it only told.
  ///
  /// One reload waits for the other. It waits for `processes.json` as well while that is being written: what
  /// was added a moment ago would be missing in the old file, and be taken for removed.
  func reload(isDryRun: Bool, _ answer: @escaping (Reply) -> Void) {
    reloads.append(Reload(isDryRun: isDryRun, answer: answer))
    beginReloads()
  }

  /// How long the files are waited for.
  private static let readingPatience: Duration = .seconds(30)

  /// What the pool has read for a reload.
  private struct FilesRead: Sendable {
    var survey: DefinitionFiles.Survey
    var hasFragmentDirectory: Bool
    var localTime: Result<TimeZoneOffsets, UVError>
  }

  /// Begins the next reload if nothing is in its way.
  func beginReloads() {
    guard !isDispatching, !isBeginningReloads else { return }
    isBeginningReloads = true
    while reloadUnderWay == nil, savesUnderWay == 0, !reloads.isEmpty {
      if let reading {
        // Those that come while the files are being read wait for their turn, but not for a disk that hangs.
        guard reading.reload == nil else { break }
        reloads.removeFirst().answer(notRead(since: reading.since))
      } else {
        begin(reloads.removeFirst())
      }
    }
    isBeginningReloads = false
  }

  private func begin(_ reload: Reload) {
    // Then it is refused, whatever the files say.
    guard !isShuttingDown else { return carryOut(reload, []) }
    reading = (reload, SystemProcess.monotonicClock)
    let files = DefinitionFiles(configuration)
    let fragments = configuration.fragmentDirectory
    let span = Self.localTimeSpan
    let count = saveCount
    PoolWork.run(on: loop, .ownFiles(directory: configuration.configDirectory)) {
      FilesRead(
        survey: files.survey(), hasFragmentDirectory: Files.isDirectory(fragments),
        localTime: Self.localTime(in: span))
    } then: { [self] files in
      let reload = reading?.reload
      reading = nil
      readingTimer.stop()
      if let reload {
        if saveCount == count {
          // No other one comes in between.
          isBeginningReloads = true
          carryOut(reload, files)
          isBeginningReloads = false
        } else {
          // What was added meanwhile is missing in what was read, and would be taken for removed.
          reloads.insert(reload, at: 0)
        }
      }
      beginReloads()
    }
    readingTimer.start(after: Self.readingPatience) { [unowned self] in
      guard let (wanted, since) = reading, let reload = wanted else { return }
      reading = (nil, since)
      reload.answer(notRead(since: since))
      beginReloads()
    }
  }

  private func notRead(since: Duration) -> Reply {
    let seconds = (SystemProcess.monotonicClock - since).components.seconds
    return .refused(
      .failure,
      message:
        "Nothing is reloaded: the file system of '\(configuration.configDirectory.readable)' has not answered for \(seconds) seconds"
    )
  }

  /// What the files say reaches the supervisor before anything else can happen.
  private func carryOut(_ reload: Reload, _ files: FilesRead) {
    let survey = files.survey
    let definitions: [ConfiguredDefinition]
    do throws(ConfigurationFile.Failure) {
      definitions = isShuttingDown ? [] : try survey.complete()
      if !isShuttingDown { try refuseLoss(files) }
      try refuseExcess(of: definitions)
    } catch {
      return reload.answer(
        .refused(.conflict, message: "Nothing is reloaded: \(error)"))
    }
    note(localTime: files.localTime)
    carryOut(reload.isDryRun ? reload : following(survey, reload), definitions)
  }

  private func carryOut(_ reload: Reload, _ definitions: [ConfiguredDefinition]) {
    lastTicket += 1
    let ticket = Ticket(lastTicket)
    reloadUnderWay = (ticket, reload)
    send(.command(.reload(definitions, isDryRun: reload.isDryRun), ticket))
  }

  /// What is missing is not taken for removed: a disk may not be mounted.
  private func refuseLoss(_ files: FilesRead) throws(ConfigurationFile.Failure) {
    let survey = files.survey
    if survey.savedBytes == nil, processesFile.wasThere {
      throw ConfigurationFile.Failure(
        description:
          "'\(configuration.processesFile)' is missing; to remove all processes in it, write [] into it"
      )
    }
    let directory = configuration.fragmentDirectory
    guard survey.fragmentCount == 0, hadFragments, !files.hasFragmentDirectory else { return }
    throw ConfigurationFile.Failure(
      description:
        "'\(directory)' is missing; to remove all processes in it, make it and leave it empty")
  }

  /// Refuses what could never start here, as `/add` does. What is there already stays.
  private func refuseExcess(
    of definitions: [ConfiguredDefinition]
  ) throws(ConfigurationFile.Failure) {
    for configured in definitions {
      let definition = configured.definition
      guard supervisor.definition(ofService: definition.id) != definition,
        let reason = router.refusal(of: definition)
      else { continue }
      let file = configured.fragment ?? configuration.processesFile
      throw ConfigurationFile.Failure(description: "\(file): process '\(definition.id)': \(reason)")
    }
  }

  /// The same reload, which notes what the daemon has read, and takes it back where nothing comes of it.
  private func following(_ survey: DefinitionFiles.Survey, _ reload: Reload) -> Reload {
    let before = processesFile.note(survey.savedBytes)
    return Reload(isDryRun: false) { [self] reply in
      if case .refused = reply {
        processesFile.restore(before, unless: survey.savedBytes)
      } else {
        hadFragments = survey.fragmentCount > 0
        note(survey)
        problems.clear(.processesFile)
      }
      reload.answer(reply)
    }
  }

  /// Says what is wrong with the files that were read.
  func note(_ survey: DefinitionFiles.Survey) {
    problems.replace(
      .definitionFile,
      with: survey.leftOut.map { mistake in
        let file = mistake.file.readable
        return (file, "'\(file)' is left out: \(mistake.message)")
      })
    problems.replace(
      .filePermissions, with: survey.warnings.map { ($0.file, $0.message) }, level: .warning)
    for warning in survey.deprecations { supervisorLog.warning(warning) }
  }

  /// Opens the log files anew and reloads; the service manager hears when both are done.
  func hangUp() {
    serviceManager?.reloading()
    var parts = 2
    let done = { [self] in
      parts -= 1
      if parts == 0 { serviceManager?.reloaded() }
    }
    reopenLogs(because: .hangUp, then: done)
    reload(isDryRun: false) { [self] reply in
      switch reply {
      case .reloaded(_, let message): supervisorLog.info("\(message) (SIGHUP)")
      case .refused(_, let message): supervisorLog.error("\(message) (SIGHUP)")
      case .done, .created, .createdCopies, .results, .halted:
        preconditionFailure("a reload is answered with \(reply)")
      }
      done()
    }
  }

  /// Opens the log files anew, for whoever has renamed them.
  /// - Parameter then: called when that is done.
  func reopenLogs(because signal: Signal, then: @escaping () -> Void = {}) {
    let all = [supervisorLog.log] + logs.values
    for log in all { log.reopen() }
    supervisorLog.info("Log files reopened (\(signal.name))")
    var open = all.count
    for log in all {
      log.flush {
        open -= 1
        if open == 0 { then() }
      }
    }
  }
}
