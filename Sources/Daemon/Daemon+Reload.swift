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

  /// Begins the next reload if nothing is in its way. What the files say reaches the supervisor before
  /// anything else can happen.
  func beginReloads() {
    guard !isDispatching, !isBeginningReloads else { return }
    isBeginningReloads = true
    while reloadUnderWay == nil, savesUnderWay == 0, !reloads.isEmpty {
      begin(reloads.removeFirst())
    }
    isBeginningReloads = false
  }

  private func begin(_ reload: Reload) {
    let definitions: [ConfiguredDefinition]
    do throws(ConfigurationFile.Failure) {
      // Then it is refused, whatever they say.
      definitions =
        supervisor.isShuttingDown ? [] : try DefinitionFiles(configuration).read()
    } catch {
      return reload.answer(
        .refused(.conflict, message: "Nothing is reloaded: \(error)"))
    }
    readLocalTime()
    lastTicket += 1
    let ticket = Ticket(lastTicket)
    reloadUnderWay = (ticket, reload)
    send(.command(.reload(definitions, isDryRun: reload.isDryRun), ticket))
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
      case .reloaded(_, let message): ownLog.info("\(message) (SIGHUP)")
      case .refused(_, let message): ownLog.error("\(message) (SIGHUP)")
      case .done, .created, .createdCopies, .results:
        preconditionFailure("a reload is answered with \(reply)")
      }
      done()
    }
  }

  /// Opens the log files anew, for whoever has renamed them.
  /// - Parameter then: called when that is done.
  func reopenLogs(because signal: Signal, then: @escaping () -> Void = {}) {
    let all = [ownLog.log] + logs.values
    for log in all { log.reopen() }
    ownLog.info("Log files reopened (\(signal.name))")
    var open = all.count
    for log in all {
      log.flush {
        open -= 1
        if open == 0 { then() }
      }
    }
  }
}
