extension Supervisor {
  /// Completes what a machine returned. Nil stands for one that is not there any more: what it was told came
  /// too late.
  mutating func finishCall(_ name: InstanceID, _ effects: [Effect]?) -> [Effect] {
    guard let effects, let id = machines[name]?.serviceID else { return [] }
    dirty.append((name, id))
    if services[id]?.definition.execution.listen.isEmpty == false { noteSockets(of: id, effects) }
    return (pendingReplies.isEmpty ? effects : takeAnswers(effects)) + forgetIfGone(name, of: id)
  }

  /// What follows from what has happened: jobs get their answers, start conditions change, and what waits
  /// for the end or the start of a process goes on.
  mutating func followUp(at now: Moment) -> [Effect] {
    var effects: [Effect] = []
    var nextReply = 0
    var nextDirty = 0
    while true {
      if nextReply < replies.count {
        let (pending, reply) = replies[nextReply]
        nextReply += 1
        effects += resume(pending, reply, at: now)
      } else if nextDirty < dirty.count {
        let (name, id) = dirty[nextDirty]
        nextDirty += 1
        effects += reevaluate(name, of: id, at: now)
      } else {
        // A question to each of a thousand leaves room for as many.
        if pendingReplies.isEmpty, pendingReplies.capacity > 64 { pendingReplies = [:] }
        replies.removeAll(keepingCapacity: replies.count < 64)
        dirty.removeAll(keepingCapacity: dirty.count < 64)
        return effects
      }
    }
  }

  /// Something has happened to a machine, or it is gone: whoever looks at it looks again.
  private mutating func reevaluate(_ name: InstanceID, of id: ServiceID, at now: Moment) -> [Effect]
  {
    var effects: [Effect] = []
    if let dependents = dependents[id] {
      for dependent in dependents.sorted() {
        effects += refreshStartCondition(of: dependent, at: now)
      }
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
