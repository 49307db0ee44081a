extension Supervisor {
  /// The saved processes of the last time. One that cannot start does not stop the others.
  mutating func load(_ definitions: [ProcessDefinition], at now: Moment) -> [Effect] {
    if isShuttingDown || definitions.isEmpty { return [] }
    var effects = [Effect.logOwn(Words.loaded(definitions.count))]
    for definition in definitions {
      if isTaken(definition.id) {
        effects.append(.logOwn(Words.loadedTwice(definition.id), level: .warning))
      } else {
        effects += begin(definition, answering: nil, at: now)
      }
    }
    return effects
  }

  /// A client adds a process. One that is to be saved is on disk before anything else is done.
  mutating func add(_ definition: ProcessDefinition, _ ticket: Ticket, at now: Moment) -> [Effect] {
    let id = definition.id
    if isTaken(id) {
      return [.reply(ticket, .refused(.conflict, message: whyTaken(id)))]
    }
    if definition.isSaved {
      let save = saves.want()
      additions[id] = Addition(definition: definition, ticket: ticket, save: save)
      return sendSave()
    }
    return [.logOwn(Words.addedLine(id))] + begin(definition, answering: ticket, at: now)
  }

  /// Makes the machine and starts its first run.
  mutating func begin(
    _ definition: ProcessDefinition, answering ticket: Ticket?, at now: Moment
  ) -> [Effect] {
    var machine = ProcessMachine(definition)
    let effects = machine.startFirst(answering: ticket, makeTurn(now))
    machines[definition.id] = machine
    return [.openLog(definition)] + effects
  }

  private func isTaken(_ id: String) -> Bool {
    machines[id] != nil || additions[id] != nil || removals[id] != nil
  }

  private func whyTaken(_ id: String) -> String {
    if additions[id] != nil { return Words.beingAdded(id) }
    if removals[id] != nil || machines[id]?.goal == .removed { return Words.beingRemoved(id) }
    return Words.idTaken(id)
  }
}
