extension Supervisor {
  /// Completes what a machine returned. Nil stands for one that is not there any more: what it was told came
  /// too late.
  mutating func settle(_ name: String, _ effects: [Effect]?) -> [Effect] {
    guard let effects, let id = machines[name]?.definition.serviceID else { return [] }
    touched.append((name, id))
    if services[id]?.definition.execution.listen.isEmpty == false { noteSockets(of: id, effects) }
    return (questions.isEmpty ? effects : takeAnswers(effects)) + forgetIfGone(name, of: id)
  }

  /// What follows from what has happened: jobs hear their answers, gates open and close, who waits for
  /// somebody's end or start goes on.
  mutating func followUp(at now: Moment) -> [Effect] {
    var effects: [Effect] = []
    var nextLetter = 0
    var nextTouch = 0
    while true {
      if nextLetter < inbox.count {
        let (question, reply) = inbox[nextLetter]
        nextLetter += 1
        effects += hear(question, reply, at: now)
      } else if nextTouch < touched.count {
        let (name, id) = touched[nextTouch]
        nextTouch += 1
        effects += follow(name, of: id, at: now)
      } else {
        // A question to each of a thousand leaves room for as many.
        if questions.isEmpty, questions.capacity > 64 { questions = [:] }
        inbox.removeAll(keepingCapacity: inbox.count < 64)
        touched.removeAll(keepingCapacity: touched.count < 64)
        return effects
      }
    }
  }

  /// Something has happened to a machine, or it is gone: whoever looks at it looks again.
  private mutating func follow(_ name: String, of id: String, at now: Moment) -> [Effect] {
    var effects: [Effect] = []
    if let dependents = dependents[id] {
      for dependent in dependents.sorted() { effects += refreshGate(of: dependent, at: now) }
    }
    if rollings[id] != nil { effects += advanceRolling(id, at: now) }
    if transitions[id] != nil { effects += advanceTransition(id, at: now) }
    for job in orders.keys.sorted(by: { $0.number < $1.number }) {
      effects += followOrder(job, name, of: id, at: now)
    }
    if isShuttingDown { effects += followShutdown(name, of: id, at: now) }
    return effects + closeSocketsOfIdle(id)
  }
}
