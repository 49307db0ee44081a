/// Someone who is answered once a run has started, or could not.
struct StartWaiter {
  let ticket: Ticket
  let command: Command

  /// What was asked for; the answer is worded by it.
  enum Command {
    case add
    case start
    case restart
  }

  init(_ command: Command, _ ticket: Ticket) {
    self.command = command
    self.ticket = ticket
  }
}
