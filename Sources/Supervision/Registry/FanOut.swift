/// A command to several processes at once: to each it is the single command; the answers are gathered.
struct FanOut {
  let work: Work
  /// The processes that have not answered yet.
  private var waiting: Int
  private(set) var outcomes: [Reply.Outcome] = []
  /// Why one of them was refused, where that speaks for all.
  private(set) var refusal: (Reply.Refusal, message: String)?

  enum Work {
    /// All processes.
    case all(Verb)
    /// The copies of one.
    case copies(of: ServiceID, Verb)
    /// The first start of the copies of one that was added.
    case addition(of: ServiceID)
  }

  init(_ work: Work, processes: Int) {
    self.work = work
    waiting = processes
    outcomes.reserveCapacity(processes)
  }

  /// Whether every process has answered.
  var isComplete: Bool { waiting == 0 }

  /// Notes the answer of one process.
  mutating func record(_ name: InstanceID, _ reply: Reply) {
    precondition(waiting > 0, "process '\(name)' has answered a command to several twice")
    waiting -= 1
    outcomes.append(Reply.Outcome(name, reply))
    if case .refused(let why, let message) = reply { refusal = (why, message) }
  }

  /// The answer to the command, once every process has answered.
  var results: Reply {
    let message =
      switch work {
      case .all(let verb): Messages.ofAll(outcomes, verb)
      case .copies(let id, let verb): Messages.ofCopies(id, outcomes, verb)
      case .addition(let id): Messages.addedCopies(id, outcomes)
      }
    let sorted = outcomes.sorted { $0.id < $1.id }
    // The copies are one process to the client: where none of them did it, it is refused as by a process alone.
    if case .copies = work, let refusal, !outcomes.contains(where: \.success) {
      return .halted(refusal.0, sorted, message: message)
    }
    return .results(sorted, message: message)
  }
}

/// What can be asked of a process, or of several.
enum Verb {
  case start
  case stop
  case restart
  case signal(Signal, toGroup: Bool)

  /// What has been done then.
  var participle: String {
    switch self {
    case .start: "started"
    case .stop: "stopped"
    case .restart: "restarted"
    case .signal: "signalled"
    }
  }
}

extension Reply.Outcome {
  /// What an answer says of one process.
  init(_ name: InstanceID, _ reply: Reply) {
    switch reply {
    case .done(let message), .created(_, let message), .createdCopies(_, let message),
      .results(_, let message), .reloaded(_, let message):
      self.init(name, success: true, message: message)
    case .refused(_, let message), .halted(_, _, let message):
      self.init(name, success: false, message: message)
    }
  }
}
