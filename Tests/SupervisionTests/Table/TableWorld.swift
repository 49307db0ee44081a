import Basics

@testable import Supervision

/// A supervisor of the one process `p`, fed by hand; time moves 70 s before each event, so that
/// every timer that is armed is due.
struct TableWorld {
  private var supervisor = Supervisor.able()
  private let definition: ProcessDefinition
  private var clock = Duration.seconds(5000)
  private var run = RunID(process: "p", serial: 0)
  /// Who asked for what.
  private var requesters: [Ticket: String] = [Ticket(0): "adder"]

  /// Adds `p`, whose spawn is not answered yet.
  init(_ definition: ProcessDefinition) {
    self.definition = definition
    perform(.command(.add(definition), Ticket(0)))
    if definition.isSaved { perform(.saved(SaveID(1))) }
  }

  /// What happens is told in one line: the status that follows, and the effects but for
  /// lines in logs; `nothing` where there is no change that a client could see.
  @discardableResult
  mutating func feed(_ tableEvent: TableEvent) -> String {
    clock += .seconds(70)
    let ticket = Ticket(UInt64(requesters.count))
    if let requester = tableEvent.requester {
      let others = requesters.values.filter { $0.hasPrefix(requester) }.count
      requesters[ticket] = others == 0 ? requester : "\(requester) \(others + 1)"
    }
    let before = status
    let told = perform(tableEvent.event(run, ticket, definition)).compactMap(tell)
    if told.isEmpty { return status == before ? "nothing" : status }
    return "\(status): \(told.joined(separator: ", "))"
  }

  /// What the process is doing; one that was removed is `gone`.
  var activity: String { supervisor.machines["p"]?.activity.kind ?? "gone" }

  private var status: String { supervisor.entry("p", at: now)?.status.rawValue ?? "gone" }

  private var now: Moment { Moment(monotonic: clock, sinceEpoch: clock) }

  /// A log that is to be closed is closed at once.
  @discardableResult
  private mutating func perform(_ event: Event) -> [Effect] {
    var effects = supervisor.handle(event, at: now)
    for effect in effects {
      if case .run(let run, .spawn) = effect { self.run = run }
      if case .run(let run, .runBeforeStart) = effect { self.run = run }
      if case .log(let name, .close) = effect {
        effects += perform(.logClosed(name, failure: nil))
      }
      if effect == .endHelpers { effects += perform(.helpersEnded) }
    }
    return effects
  }

  private func tell(_ effect: Effect) -> String? {
    switch effect {
    case .run(_, let effect): tell(effect)
    case .log(_, let effect): tell(effect)
    case .logSupervisor: nil
    case .deleteFormerLogs: "delete former logs"
    case .closeSockets: "close sockets"
    case .arm(.process(_, let purpose), let delay): "arm \(purpose) \(delay.components.seconds)s"
    case .arm(let timer, let delay): "arm \(timer) \(delay.components.seconds)s"
    case .disarm(.process(_, let purpose)): "disarm \(purpose)"
    case .disarm(let timer): "disarm \(timer)"
    case .definitionFiles: nil
    case .save: "save"
    case .reply(let ticket, .refused(let why, _)): "\(requesters[ticket] ?? "?") \(why)"
    case .reply(let ticket, .created): "\(requesters[ticket] ?? "?") created"
    case .reply(let ticket, _): "\(requesters[ticket] ?? "?") done"
    case .killLeftovers: nil
    case .endHelpers: nil
    case .finish: "finish"
    }
  }

  private func tell(_ effect: RunEffect) -> String {
    switch effect {
    case .runBeforeStart: "run before_start"
    case .spawn: "spawn"
    case .cancelSpawn: "cancel spawn"
    case .signal(let signal, _): signal.name
    case .signalLeader(let signal): "\(signal.name) to the leader"
    case .findSurvivors: "find survivors"
    case .probe: "probe"
    case .cancelProbe: "cancel probe"
    case .measure: "measure"
    case .closeOutput: "close output"
    case .runAfterExit: "run after_exit"
    case .cancelHook: "cancel hook"
    }
  }

  private func tell(_ effect: LogEffect) -> String? {
    switch effect {
    case .open: "open log"
    case .write: nil
    case .limit: "limit log"
    case .close: "close log"
    }
  }
}
