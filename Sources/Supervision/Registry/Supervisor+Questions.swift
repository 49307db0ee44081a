extension Supervisor {
  /// A ticket for a question of the registry's own.
  mutating func ask(_ name: String, for asker: Question.Asker) -> Ticket {
    latestQuestion += 1
    let ticket = Ticket(Ticket.firstOwn + latestQuestion)
    questions[ticket] = Question(asker: asker, name: name)
    return ticket
  }

  /// Answers a command; the answer to a question of the registry's own is kept for whoever asked it.
  mutating func answer(_ ticket: Ticket, _ reply: Reply) -> [Effect] {
    guard ticket.isOwn else { return [.reply(ticket, reply)] }
    keep(reply, to: ticket)
    return []
  }

  private mutating func keep(_ reply: Reply, to ticket: Ticket) {
    if let question = questions.removeValue(forKey: ticket) { inbox.append((question, reply)) }
  }

  /// Keeps the answers to the registry's own questions.
  mutating func takeAnswers(_ effects: [Effect]) -> [Effect] {
    effects.filter { effect in
      guard case .reply(let ticket, let reply) = effect, ticket.isOwn else { return true }
      keep(reply, to: ticket)
      return false
    }
  }

  /// An answer has come: the job that asked goes on. One that is over by now does not hear it.
  mutating func hear(_ question: Question, _ reply: Reply, at now: Moment) -> [Effect] {
    switch question.asker {
    case .gathering(let job): gathered(job, question.name, reply, at: now)
    case .order(let job): ordered(job, question.name, reply, at: now)
    case .rolling(let job): rolled(job, question.name, reply, at: now)
    case .removal(let id): removalAnswered(id, question.name, reply)
    case .reload(let job): reloadAnswered(job, question.name, reply, at: now)
    }
  }

  /// One of several has answered.
  private mutating func gathered(
    _ job: Ticket, _ name: String, _ reply: Reply, at now: Moment
  ) -> [Effect] {
    gatherings[job]?.note(name, reply)
    guard let gathering = gatherings[job], gathering.isComplete else { return [] }
    gatherings[job] = nil
    switch gathering.work {
    case .all, .copies: return answer(job, gathering.results)
    case .addition(let id):
      if let (why, message) = gathering.refusal {
        return answer(job, .refused(why, message: message))
      }
      let message = Words.addedCopies(id, gathering.outcomes)
      return answer(job, .createdCopies(entries(ofService: id, at: now), message: message))
    }
  }
}
