import Logs
import Supervision
import UV

extension Daemon {
  /// Starts a run: its hook first, if it has one, then its child.
  func begin(
    _ id: RunID, _ definition: ProcessDefinition, run count: Int, _ place: SpawnQueue.Place
  ) {
    if let reason = missingController(for: definition) {
      return send(.spawnFailed(id, reason: reason))
    }
    guard let hook = definition.beforeStart else { return spawn(id, definition, run: count, place) }
    openLog(for: id, definition, place) { [self] in
      execute(hook, before: id, definition, run: count)
    }
  }

  private func execute(
    _ hook: [String], before id: RunID, _ definition: ProcessDefinition, run count: Int
  ) {
    do {
      let helper = try execute(hook, .beforeStart, definition) { [self] end, lastWords in
        startHooks[id] = nil
        switch end {
        case .cancelled: send(.spawnCancelled(id))
        case .exited(.code(0)):
          spawnQueue.add(id) { [self] in spawn(id, definition, run: count, $0) }
        case .exited, .timedOut, .notStarted:
          let reason = Hook.beforeStart.words(end, definition)
          send(.spawnFailed(id, reason: lastWords.map { "\(reason); \($0)" } ?? reason))
        }
      }
      startHooks[id] = (helper, definition)
    } catch {
      send(.spawnFailed(id, reason: "\(error)"))
    }
  }

  /// Takes a start back that has not come to its child: its hook is ended as a run would be.
  func cancelSpawn(_ id: RunID) {
    if let (hook, definition) = startHooks[id] {
      return hook.end(with: definition.stopSignal, within: definition.stopTimeout)
    }
    if let timer = startsBeforeLog.removeValue(forKey: id) {
      timer.close()
      return send(.spawnCancelled(id))
    }
    if let start = starts[id] { return cancel(start) }
    // Where an earlier run is still being ended, the end of that is what is waited for.
    spawnQueue.replace(id) { [self] in send(.spawnCancelled(id)) }
  }

  /// Executes the hook after a run.
  func runAfterExit(_ id: RunID, _ definition: ProcessDefinition, _ status: ExitStatus) {
    guard let hook = definition.afterExit else { return send(.hookEnded(id)) }
    let variable: (SystemString, SystemString) =
      switch status {
      case .code(let code): (ChildEnvironment.exitCode, "\(code)")
      case .signal(let signal): (ChildEnvironment.exitSignal, SystemString(signal.name))
      }
    do {
      exitHooks[id] = try execute(
        hook, .afterExit, definition, adding: [variable.0: variable.1]
      ) { [self] end, _ in
        exitHooks[id] = nil
        if end != .exited(.code(0)) { warn(id, Hook.afterExit.words(end, definition)) }
        send(.hookEnded(id))
      }
    } catch {
      warn(id, "\(error)")
      logs[id.process]?.system("\(error)")
      send(.hookEnded(id))
    }
  }

  private func warn(_ id: RunID, _ reason: String) {
    supervisorLog.warning("Process '\(id.process)': \(reason)")
  }

  /// Executes a hook; its output and its end go into the log of its process.
  /// - Parameter onEnd: called once, from the loop, when nothing of it is left: with how it ended, and what it said last
  ///   on standard error, in short.
  private func execute(
    _ commandLine: [String], _ hook: Hook, _ definition: ProcessDefinition,
    adding variables: Variables = [:],
    onEnd: @escaping (HelperCommand.End, _ lastWords: String?) -> Void
  ) throws(StartRefusal) -> HelperCommand {
    do {
      let log = openedLog(definition)
      var lastErrorLine: String?
      let helper = try helpers.start(
        HelperCommands.Order(
          definition: definition, commandLine: commandLine, variables: variables,
          field: hook.rawValue, timeout: definition.hookTimeout)
      ) { line in
        if line.isError, !line.isBlank { lastErrorLine = line.text }
        log.system("\(hook.rawValue): \(line.text)")
      } onEnd: { end in
        log.system(hook.words(end, definition))
        onEnd(end, lastErrorLine.map { "last line on stderr: \($0.prefix(200))" })
      }
      helper.setCongested(log.isUnderPressure)
      return helper
    } catch {
      throw StartRefusal("\(hook.rawValue): \(error)")
    }
  }
}

/// A command of a definition that is executed beside its runs.
private enum Hook: String {
  case beforeStart = "before_start"
  case afterExit = "after_exit"

  /// How it ended.
  func words(_ end: HelperCommand.End, _ definition: ProcessDefinition) -> String {
    switch end {
    case .exited(let status): "\(rawValue): \(status)"
    case .timedOut: "\(rawValue): timed out after \(definition.hookTimeout.text)"
    case .cancelled: "\(rawValue): killed"
    case .notStarted(let refusal): refusal.named(rawValue)
    }
  }
}
