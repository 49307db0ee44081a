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
    saves.end(save, failed: false)
    var effects = removalsSaved(save, failure: nil)
    for (_, addition) in takeAdditions(waitingFor: save) {
      effects += isShuttingDown ? addForNextTime(addition) : addNow(addition, at: now)
    }
    return effects + sendSave()
  }

  /// A write failed, and the old file stands.
  mutating func saveFailed(_ save: SaveID, _ reason: String) -> [Effect] {
    saves.end(save, failed: true)
    var effects = [Effect.logOwn(Words.saveFailed(reason), level: .error)]
    effects += removalsSaved(save, failure: reason)
    for (id, addition) in takeAdditions(waitingFor: save) {
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

  /// Takes out the additions that wait for a write, sorted by id.
  private mutating func takeAdditions(waitingFor save: SaveID) -> [(key: String, value: Addition)] {
    let done = additions.filter { $0.value.save == save }
    for id in done.keys { additions[id] = nil }
    return done.sorted { $0.key < $1.key }
  }
}
