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

  private func tell(_ id: RunID, _ result: ProbeResult) {
    context.send(.run(id, .probed(result)))
  }

  /// Begins a probe. Its end is told once as ``RunEvent/probed(_:)``, unless it is cancelled.
  func start(_ id: RunID, _ definition: ProcessDefinition) {
    guard let check = definition.healthCheck else { return tell(id, .succeeded) }
    switch check.probe {
    case .tcp(let address):
      guard let target = ProbeTarget(tcp: address) else {
        return tell(id, .failed("'\(address)' is not host:port"))
      }
      connect(id, target, request: nil, check)
    case .http(let address):
      guard let target = ProbeTarget(http: address) else {
        return tell(id, .failed("'\(address)' is not an http:// address"))
      }
      connect(id, target, request: NetworkProbe.request(for: target), check)
    case .command(let commandLine):
      execute(commandLine, id, definition, check)
    }
  }

  /// Ends a probe: nothing is told of it any more.
  func cancel(_ id: RunID) {
    connections.removeValue(forKey: id)?.cancel()
    if commands[id.process]?.next?.id == id { commands[id.process]?.next = nil }
    if let command = commands[id.process], command.id == id { command.helper.cancel() }
  }

  /// Ends all of them.
  func cancelAll() {
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
      ) { [self] result in
        connections[id] = nil
        tell(id, result)
      }
    } catch {
      connections[id] = nil
      tell(id, .failed(NetworkProbe.words(error)))
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
        tell(id, end, lastLine, check)
        if let next { start(next.id, next.definition) }
      }
      commands[id.process] = Command(id: id, helper: helper)
    } catch {
      tell(id, StartRefusal(error, in: definition, field: "health_check"))
    }
  }

  private func tell(
    _ id: RunID, _ end: HelperCommand.End, _ lastLine: String, _ check: HealthCheck
  ) {
    switch end {
    case .cancelled: return
    case .exited(let status): tell(id, ProbeResult(status, lastLine: lastLine))
    case .timedOut: tell(id, .timedOut(after: check.timeout))
    case .notStarted(let refusal): tell(id, refusal)
    }
  }

  private func tell(_ id: RunID, _ refusal: StartRefusal) {
    tell(id, refusal.isUnknown ? .unknown("\(refusal)") : .failed("\(refusal)"))
  }
}
