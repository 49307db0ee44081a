extension Supervisor {
  /// A ticket for a question of the registry's own.
  mutating func ask(_ pending: PendingReply) -> Ticket {
    latestOwnTicket += 1
    let ticket = Ticket(Ticket.firstOwn + latestOwnTicket)
    pendingReplies[ticket] = pending
    return ticket
  }

  /// Answers a command; the answer to a question of the registry's own is kept for the job that asked it.
  mutating func answer(_ ticket: Ticket, _ reply: Reply) -> [Effect] {
    guard ticket.isOwn else { return [.reply(ticket, reply)] }
    keep(reply, to: ticket)
    return []
  }

  private mutating func keep(_ reply: Reply, to ticket: Ticket) {
    if let pending = pendingReplies.removeValue(forKey: ticket) { replies.append((pending, reply)) }
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
  mutating func resume(_ pending: PendingReply, _ reply: Reply, at now: Moment) -> [Effect] {
    switch pending {
    case .fanOut(let job, let name): fanOutAnswered(job, name, reply, at: now)
    case .order(let job, let name): ordered(job, name, reply, at: now)
    case .rolling(let job, let name): rolled(job, name, reply, at: now)
    case .removal(let id, let name): removalAnswered(id, name, reply)
    case .reload(let job, let id): reloadAnswered(job, id, reply, at: now)
    }
  }

  /// One of several has answered.
  private mutating func fanOutAnswered(
    _ job: Ticket, _ name: InstanceID, _ reply: Reply, at now: Moment
  ) -> [Effect] {
    fanOuts[job]?.record(name, reply)
    guard let fanOut = fanOuts[job], fanOut.isComplete else { return [] }
    fanOuts[job] = nil
    switch fanOut.work {
    case .all, .copies: return answer(job, fanOut.results)
    case .addition(let id):
      if let (why, message) = fanOut.refusal {
        return answer(job, .refused(why, message: message))
      }
      let message = Messages.addedCopies(id, fanOut.outcomes)
      return answer(job, .createdCopies(entries(ofService: id.rawValue, at: now), message: message))
    }
  }
}
