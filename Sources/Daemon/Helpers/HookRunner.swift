import Basics
import Logs
import Supervision
import UV

/// Executes the hooks of processes: `before_start` and `after_exit`. Their output and their ends go
/// into the log of the process.
final class HookRunner {
  private let context: DaemonContext
  private let helpers: HelperCommands
  private let logs: ProcessLogs
  private var beforeStart: [RunID: (helper: HelperCommand, definition: ProcessDefinition)] = [:]
  private var afterExit: [RunID: HelperCommand] = [:]

  /// What a hook before a start has come to.
  enum Outcome {
    case succeeded
    case cancelled
    case failed(reason: String)
  }

  init(_ context: DaemonContext, _ helpers: HelperCommands, _ logs: ProcessLogs) {
    self.context = context
    self.helpers = helpers
    self.logs = logs
  }

  /// Executes the hook before a run.
  /// - Parameter then: called once, when nothing of the hook is left; within this call if it could
  ///   not be started.
  func runBeforeStart(
    _ commandLine: [String], _ id: RunID, _ definition: ProcessDefinition,
    then: @escaping (Outcome) -> Void
  ) {
    do {
      let helper = try execute(commandLine, .beforeStart, definition) { [self] end, lastWords in
        beforeStart[id] = nil
        switch end {
        case .cancelled: then(.cancelled)
        case .exited(.code(0)): then(.succeeded)
        case .exited, .timedOut, .notStarted:
          let reason = Hook.beforeStart.words(end, definition)
          then(.failed(reason: lastWords.map { "\(reason); \($0)" } ?? reason))
        }
      }
      beforeStart[id] = (helper, definition)
    } catch {
      then(.failed(reason: "\(error)"))
    }
  }

  /// Ends the hook before a run as a run would be ended.
  /// - Returns: whether there is one.
  func endBeforeStart(_ id: RunID) -> Bool {
    guard let (helper, definition) = beforeStart[id] else { return false }
    helper.end(with: definition.stopSignal, within: definition.stopTimeout)
    return true
  }

  /// Executes the hook after a run; its end is told as ``RunEvent/hookEnded``.
  func runAfterExit(_ id: RunID, _ definition: ProcessDefinition, _ status: ExitStatus) {
    guard let hook = definition.afterExit else { return context.send(.run(id, .hookEnded)) }
    let variable: (SystemString, SystemString) =
      switch status {
      case .code(let code): (ChildEnvironment.exitCode, "\(code)")
      case .signal(let signal): (ChildEnvironment.exitSignal, SystemString(signal.name))
      }
    do {
      afterExit[id] = try execute(
        hook, .afterExit, definition, adding: [variable.0: variable.1]
      ) { [self] end, _ in
        afterExit[id] = nil
        if end != .exited(.code(0)) { warn(id, Hook.afterExit.words(end, definition)) }
        context.send(.run(id, .hookEnded))
      }
    } catch {
      warn(id, "\(error)")
      logs.write("\(error)", to: id.process)
      context.send(.run(id, .hookEnded))
    }
  }

  /// Kills the hook after a run.
  func cancelAfterExit(_ id: RunID) { afterExit[id]?.cancel() }

  private func warn(_ id: RunID, _ reason: String) {
    context.log.warning("Process '\(id.process)': \(reason)")
  }

  /// Executes a hook.
  /// - Parameter onEnd: called once, from the loop, when nothing of it is left: with how it ended,
  ///   and what it said last on standard error, in short.
  private func execute(
    _ commandLine: [String], _ hook: Hook, _ definition: ProcessDefinition,
    adding variables: Variables = [:],
    onEnd: @escaping (HelperCommand.End, _ lastWords: String?) -> Void
  ) throws(StartRefusal) -> HelperCommand {
    do {
      let log = logs.current(definition)
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
