extension Supervisor {
  /// Has `processes.json` written if it is wanted and no write is out.
  mutating func sendSave() -> [Effect] {
    guard let save = saves.begin() else { return [] }
    let kept = machines.values.filter { $0.definition.isSaved && $0.goal != .removed }
    let definitions = kept.map(\.definition) + additions.values.map(\.definition)
    return [.save(definitions.sorted { $0.id < $1.id }, save)]
  }

  /// A write is durably on disk: what waited for it goes on.
  mutating func saved(_ save: SaveID, at now: Moment) -> [Effect] {
    saves.end(save)
    var effects: [Effect] = []
    for (id, removal) in removals.take(waitingFor: save) {
      effects += removal.tickets.map { .reply($0, .done(Words.removed(id))) }
    }
    for (_, addition) in additions.take(waitingFor: save) {
      effects += isShuttingDown ? addForNextTime(addition) : addNow(addition, at: now)
    }
    return effects + sendSave()
  }

  /// A write failed, and the old file stands.
  mutating func saveFailed(_ save: SaveID, _ reason: String) -> [Effect] {
    saves.end(save)
    var effects = [Effect.logOwn(Words.saveFailed(reason))]
    for (id, removal) in removals.take(waitingFor: save) {
      let message = Words.removedButMayComeBack(id, reason)
      effects += removal.tickets.map { .reply($0, .refused(.failure, message: message)) }
    }
    for (id, addition) in additions.take(waitingFor: save) {
      let message = Words.notAdded(id, reason)
      effects.append(.reply(addition.ticket, .refused(.failure, message: message)))
    }
    return effects + sendSave()
  }

  private mutating func addNow(_ addition: Addition, at now: Moment) -> [Effect] {
    [.logOwn(Words.addedLine(addition.definition.id))]
      + begin(addition.definition, answering: addition.ticket, at: now)
  }

  /// It came onto the disk during a shutdown: it is kept there, but not started.
  private mutating func addForNextTime(_ addition: Addition) -> [Effect] {
    let id = addition.definition.id
    machines[id] = ProcessMachine(addition.definition)
    return [
      .reply(addition.ticket, .refused(.shuttingDown, message: Words.startsNextTime(id)))
    ]
  }
}
