import Basics
import Supervision
import Testing

extension ProcessDefinition {
  /// This process with so many copies.
  func times(_ instances: Int) -> ProcessDefinition {
    var definition = self
    definition.instances = instances
    return definition
  }

  /// This process, depending on others.
  func after(_ ids: String..., condition: Dependency.Condition = .started) -> ProcessDefinition {
    var definition = self
    definition.dependencies += ids.map { Dependency(id: $0, condition: condition) }
    return definition
  }

  /// This process, which says when it is ready.
  var notifying: ProcessDefinition {
    var definition = self
    definition.execution.ready = .notify
    return definition
  }

  /// This process, executing another command.
  func running(_ command: String) -> ProcessDefinition {
    var definition = self
    definition.execution.command = command
    return definition
  }

  /// This process with a label.
  func labelled(_ label: String) -> ProcessDefinition {
    var definition = self
    definition.labels["label"] = label
    return definition
  }

  /// This process, whose end is that of the supervisor.
  var essential: ProcessDefinition {
    var definition = self
    definition.isEssential = true
    return definition
  }

  /// This process with sockets that are handed over to it.
  func listening(_ addresses: String...) -> ProcessDefinition {
    var definition = self
    definition.execution.listen = addresses
    return definition
  }
}

extension PaperWorld {
  /// The present run of a process says that it is ready.
  mutating func tellReady(_ process: String) {
    guard let run = supervisor.run(of: process) else {
      return violations.append("\(process) is not alive, and cannot tell anything")
    }
    var notification = Notification()
    notification.isReady = true
    send(.run(run, .notified(notification)))
  }

  /// A client asks, and what happens without a delay does.
  @discardableResult
  mutating func askAndWait(_ command: Command) -> Ticket {
    let ticket = ask(command)
    advance(by: .zero)
    return ticket
  }

  /// The processes that have been started so far, in that order.
  var spawns: [String] {
    effects.compactMap { if case .run(let run, .spawn(_, _)) = $0 { run.process } else { nil } }
  }

  /// The processes that have been told to stop so far, in that order.
  var stops: [String] {
    effects.compactMap {
      if case .run(let run, .signal(.terminate, _)) = $0 { run.process } else { nil }
    }
  }

  func error(_ process: String) -> String? { supervisor.entry(process, at: now)?.error }

  /// All that is there, by name.
  var names: [String] { supervisor.entries(at: now).map(\.definition.id) }

  func outcomes(_ ticket: Ticket) -> [Reply.Outcome] {
    switch answers[ticket] {
    case .results(let outcomes, _)?, .halted(_, let outcomes, _)?: outcomes
    case .done, .created, .createdCopies, .reloaded, .refused, nil: []
    }
  }

  /// What a reload was answered.
  func changes(_ ticket: Ticket) -> Reply.Changes? {
    if case .reloaded(let changes, _)? = answers[ticket] { changes } else { nil }
  }
}
