import Basics
import Supervision
import UV

/// The probes that are under way. There is one for each run at the most, and none for a process as
/// long as something of an earlier one is being ended.
final class Probes {
  private let context: DaemonContext
  private let helpers: HelperCommands
  private var connections: [RunID: NetworkProbe] = [:]
  /// By process: those that were cancelled stay until nothing of them is left.
  private var commands: [String: Command] = [:]
  /// What waits to be tried again: nothing could be told of the run.
  private var retries: [RunID: Timer] = [:]

  private struct Command {
    let id: RunID
    let helper: HelperCommand
    /// The one that is to follow.
    var next: (id: RunID, definition: ProcessDefinition)?
  }

  init(_ context: DaemonContext, _ helpers: HelperCommands) {
    self.context = context
    self.helpers = helpers
  }

  /// - Parameter failure: why it failed, in words; nil where it did not.
  private func tell(_ id: RunID, _ failure: String?) {
    context.send(.run(id, .probed(failure: failure)))
  }

  /// Begins a probe. Its end is told once as ``RunEvent/probed(failure:)``, unless it is cancelled.
  func start(_ id: RunID, _ definition: ProcessDefinition) {
    guard let check = definition.healthCheck else { return tell(id, nil) }
    switch check.probe {
    case .tcp(let address):
      guard let target = ProbeTarget(tcp: address) else {
        return tell(id, "'\(address)' is not host:port")
      }
      connect(id, target, request: nil, check)
    case .http(let address):
      guard let target = ProbeTarget(http: address) else {
        return tell(id, "'\(address)' is not an http:// address")
      }
      connect(id, target, request: NetworkProbe.request(for: target), check)
    case .command(let commandLine):
      execute(commandLine, id, definition, check)
    }
  }

  /// Ends a probe: nothing is told of it any more.
  func cancel(_ id: RunID) {
    retries.removeValue(forKey: id)?.close()
    connections.removeValue(forKey: id)?.cancel()
    if commands[id.process]?.next?.id == id { commands[id.process]?.next = nil }
    if let command = commands[id.process], command.id == id { command.helper.cancel() }
  }

  /// Ends all of them.
  func cancelAll() {
    for timer in retries.values { timer.close() }
    retries = [:]
    for probe in connections.values { probe.cancel() }
    connections = [:]
    for process in commands.keys {
      commands[process]?.next = nil
      commands[process]?.helper.cancel()
    }
  }

  private func connect(
    _ id: RunID, _ target: ProbeTarget, request: [UInt8]?, _ check: HealthCheck
  ) {
    connections[id]?.cancel()
    do throws(UVError) {
      connections[id] = try NetworkProbe(
        target, request: request, timeout: check.timeout, on: context.loop
      ) { [self] failure in
        connections[id] = nil
        tell(id, failure)
      }
    } catch {
      connections[id] = nil
      tell(id, NetworkProbe.words(error))
    }
  }

  private func execute(
    _ commandLine: [String], _ id: RunID, _ definition: ProcessDefinition, _ check: HealthCheck
  ) {
    guard commands[id.process] == nil else {
      commands[id.process]?.next = (id, definition)
      return
    }
    var lastLine = ""
    do throws(UVError) {
      let helper = try helpers.start(
        HelperCommands.Order(
          definition: definition, commandLine: commandLine, field: "health_check",
          timeout: check.timeout)
      ) { line in
        if !line.isBlank { lastLine = line.text }
      } onEnd: { [self] end in
        let next = commands.removeValue(forKey: id.process)?.next
        tell(id, end, lastLine, definition, check)
        if let next { start(next.id, next.definition) }
      }
      commands[id.process] = Command(id: id, helper: helper)
    } catch {
      tell(id, StartRefusal(error, in: definition, field: "health_check"), definition, check)
    }
  }

  private func tell(
    _ id: RunID, _ end: HelperCommand.End, _ lastLine: String, _ definition: ProcessDefinition,
    _ check: HealthCheck
  ) {
    switch end {
    case .cancelled: return
    case .exited(.code(0)): tell(id, nil)
    case .exited(let status):
      tell(
        id, lastLine.isEmpty ? "\(status)" : "\(status): \(lastLine.prefix(Self.longestWords))")
    case .timedOut: tell(id, "timed out after \(check.timeout.text)")
    case .notStarted(let refusal): tell(id, refusal, definition, check)
    }
  }

  private func tell(
    _ id: RunID, _ refusal: StartRefusal, _ definition: ProcessDefinition, _ check: HealthCheck
  ) {
    guard refusal.isUnknown else { return tell(id, "\(refusal)") }
    do throws(UVError) {
      let timer = try Timer(on: context.loop)
      retries[id] = timer
      timer.start(after: check.interval) { [self] in
        retries.removeValue(forKey: id)?.close()
        start(id, definition)
      }
      context.log.warning(
        "The health check of process '\(id.process)' could not be made, which says nothing of it: \(refusal)"
      )
    } catch {
      tell(id, "\(refusal)")
    }
  }

  /// How much of a line of output is repeated in words, in characters.
  private static let longestWords = 200
}
