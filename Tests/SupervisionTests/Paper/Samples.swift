import Basics
import Supervision

/// `Testing` has a type of that name too.
typealias ExitStatus = Basics.ExitStatus

extension ServiceID: ExpressibleByStringLiteral {
  public init(stringLiteral id: String) { self.init(id) }
}

extension InstanceID: ExpressibleByStringLiteral {
  public init(stringLiteral name: String) { self.init(name) }
}

extension Supervisor {
  /// A supervisor of no process that has these controllers.
  static func able(
    _ controllers: Set<CgroupController> = Set(CgroupController.allCases)
  ) -> Supervisor {
    Supervisor(limitControllers: controllers, configDirectory: "/etc/exeio")
  }
}

extension TimerID {
  /// Whose it is; nil for one of the supervisor itself.
  var process: InstanceID? {
    if case .process(let name, _) = self { name } else { nil }
  }

  /// What of a process is due; nil for one of the supervisor itself.
  var purpose: Purpose? {
    if case .process(_, let purpose) = self { purpose } else { nil }
  }
}

extension ProcessDefinition {
  /// A process that is not restarted.
  static func once(_ id: String) -> ProcessDefinition {
    ProcessDefinition(id: id, command: "work")
  }

  /// A process that is always restarted.
  static func always(_ id: String) -> ProcessDefinition {
    var definition = ProcessDefinition(id: id, command: "work")
    definition.restartPolicy = .always
    return definition
  }

  /// A process that runs every minute.
  static func periodic(_ id: String) -> ProcessDefinition {
    var definition = ProcessDefinition(id: id, command: "work")
    definition.isPeriodic = true
    definition.period = .seconds(60)
    return definition
  }

  /// This process, kept in `processes.json`.
  var saved: ProcessDefinition {
    var definition = self
    definition.isSaved = true
    return definition
  }

  /// This process, given up after so many restarts.
  func limited(to restarts: Int) -> ProcessDefinition {
    var definition = self
    definition.maxRestarts = restarts
    return definition
  }
}

extension Reply {
  var message: String {
    switch self {
    case .done(let message), .created(_, let message), .createdCopies(_, let message),
      .results(_, let message), .reloaded(_, let message), .refused(_, let message),
      .halted(_, _, let message):
      message
    }
  }

  /// Nil where it is not a refusal.
  var refusal: Refusal? {
    if case .refused(let refusal, _) = self { refusal } else { nil }
  }

  var isDone: Bool {
    if case .done = self { true } else { false }
  }
}

extension Event {
  /// What `processes.json` holds is loaded.
  static func loadSaved(_ definitions: [ProcessDefinition]) -> Event {
    .load(definitions.map { ConfiguredDefinition($0) })
  }
}
