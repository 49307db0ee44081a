/// A command to all processes: to each it is the single command, under one ticket; the answers are
/// gathered.
struct CommandToAll {
  let verb: Verb
  /// The processes that have not answered yet.
  private var waiting: Int
  private var outcomes: [Reply.Outcome] = []

  enum Verb: String {
    case started
    case stopped
    case restarted
  }

  init(_ verb: Verb, processes: Int) {
    self.verb = verb
    waiting = processes
    outcomes.reserveCapacity(processes)
  }

  /// Notes what became of one process.
  mutating func note(_ id: String, success: Bool, _ message: String) {
    precondition(waiting > 0, "process '\(id)' has answered a command to all twice")
    waiting -= 1
    outcomes.append(Reply.Outcome(id: id, success: success, message: message))
  }

  /// Notes the answer of one process.
  mutating func note(_ id: String, _ reply: Reply) {
    switch reply {
    case .done(let message), .created(_, let message), .createdCopies(_, let message),
      .results(_, let message):
      note(id, success: true, message)
    case .reloaded(_, let message):
      note(id, success: true, message)
    case .refused(_, let message):
      note(id, success: false, message)
    }
  }

  /// The answer to the command, once every process has answered.
  var answer: Reply? {
    guard waiting == 0 else { return nil }
    let done = outcomes.count { $0.success }
    return .results(
      outcomes.sorted { $0.id < $1.id },
      message: "\(done) of \(outcomes.count) processes \(verb.rawValue)")
  }
}
