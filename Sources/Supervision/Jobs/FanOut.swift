import Basics

/// A command to several processes at once: to each it is the single command; their answers become
/// one.
struct FanOut {
  private let work: Work
  /// The processes that have not answered yet.
  private var waiting: Int
  private var outcomes: [Reply.Outcome] = []
  /// Why one of them was refused, where that speaks for all.
  private var refusal: (Reply.Refusal, message: String)?

  /// What is done to them.
  enum Work {
    /// All processes.
    case all(Verb)
    /// The copies of one.
    case copies(of: ServiceID, Verb)
    /// The first start of the copies of one that was added.
    case addition(of: ServiceID)
  }

  /// The answer to the command.
  enum Answer {
    case reply(Reply)
    /// The process was added with all its copies.
    case added(ServiceID, message: String)
  }

  init(_ work: Work, processes: Int) {
    self.work = work
    waiting = processes
    outcomes.reserveCapacity(processes)
  }

  /// Notes the answer of one process.
  mutating func record(_ name: InstanceID, _ reply: Reply) {
    precondition(waiting > 0, "process '\(name)' has answered a command to several twice")
    waiting -= 1
    outcomes.append(Reply.Outcome(name, reply))
    if case .refused(let why, let message) = reply { refusal = (why, message) }
  }

  /// The answer, once every process has answered; nil before.
  var answer: Answer? {
    guard waiting == 0 else { return nil }
    let sorted = outcomes.sorted { $0.id < $1.id }
    switch work {
    case .all(let verb):
      return .reply(.results(sorted, message: Messages.ofAll(outcomes, verb)))
    case .copies(let id, let verb):
      let message = Messages.ofCopies(id, outcomes, verb)
      // The copies are one process to the client: if none of them did it, it is refused as by a
      // process alone.
      if let refusal, !outcomes.contains(where: \.success) {
        return .reply(.halted(refusal.0, sorted, message: message))
      }
      return .reply(.results(sorted, message: message))
    case .addition(let id):
      if let (why, message) = refusal { return .reply(.refused(why, message: message)) }
      return .added(id, message: Messages.addedCopies(id, outcomes))
    }
  }
}
