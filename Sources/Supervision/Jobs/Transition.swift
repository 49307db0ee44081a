import Basics

/// A definition that is taking effect: some of what ran is being ended for good, some is started,
/// some starts again with what it executes now. The client is answered when that is done.
struct Transition {
  let ticket: Ticket
  private let id: ServiceID
  private let kind: Kind
  /// The names of what has to end, and whose logs have to be closed.
  private var leaving: Set<InstanceID>
  /// The names of what has been started, or is to start again, and has not come to anything yet.
  private var starting: Set<InstanceID>
  /// What became of those that were to start.
  private var outcomes: [Reply.Outcome] = []
  /// What could not be ended, and why.
  private var stuck: [InstanceID: String] = [:]

  /// What was asked for; the answer is worded by it.
  enum Kind {
    case update
    case scaling(from: Int?, to: Int)
  }

  init(
    of id: ServiceID, _ kind: Kind, _ ticket: Ticket, leaving: Set<InstanceID>,
    starting: Set<InstanceID>
  ) {
    self.id = id
    self.kind = kind
    self.ticket = ticket
    self.leaving = leaving
    self.starting = starting
  }

  /// A machine that goes on is on its way to a run of the new definition.
  mutating func waitForStart(of name: InstanceID) { starting.insert(name) }

  /// Something that was to end cannot be ended.
  mutating func cannotEnd(_ name: InstanceID, _ reason: String) { stuck[name] = reason }

  /// Looks how far the definition has taken effect.
  /// - Parameters:
  ///   - left: what of the service has not ended yet.
  ///   - isChangingShape: whether what starts waits for the end of what it takes the place of.
  /// - Returns: the answer, once it has taken effect.
  mutating func look(
    at machines: [InstanceID: ProcessMachine], leaving left: Set<InstanceID>, isChangingShape: Bool
  ) -> Reply? {
    leaving.formIntersection(left)
    for name in starting.sorted() {
      guard let outcome = outcome(of: name, machines[name], isChangingShape) else { continue }
      starting.remove(name)
      outcomes.append(outcome)
    }
    guard starting.isEmpty, leaving.allSatisfy({ stuck[$0] != nil }) else { return nil }
    if let (_, reason) = stuck.min(by: { $0.key < $1.key }) {
      return .refused(.failure, message: Messages.changedButStuck(id, reason))
    }
    return .done(message)
  }

  /// What has become of a start; nil while that is open.
  private func outcome(
    of name: InstanceID, _ machine: ProcessMachine?, _ isChangingShape: Bool
  ) -> Reply.Outcome? {
    guard let machine else {
      return Reply.Outcome(name, success: false, message: Messages.noSuchProcess(name))
    }
    // It waits for the end of what it takes the place of, unless that will not end.
    if case .blocked = machine.activity, isChangingShape, stuck.isEmpty { return nil }
    return machine.startOutcome
  }

  private var message: String {
    let outcomes = outcomes.sorted { $0.id < $1.id }
    return switch kind {
    case .update: Messages.updated(id, outcomes)
    case .scaling(let before, let count): Messages.scaled(id, outcomes, from: before, to: count)
    }
  }
}
