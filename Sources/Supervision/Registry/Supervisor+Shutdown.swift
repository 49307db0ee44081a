extension Supervisor {
  /// Everything is to end: in order, or at once. Nothing is started any more.
  mutating func shutDown(_ urgency: ProcessMachine.Shutdown, at now: Moment) -> [Effect] {
    if urgency.rawValue <= shutdown.rawValue { return [] }
    var effects = isShuttingDown ? [] : [Effect.logOwn(Words.shutdownBegins)] + dropAdditions()
    shutdown = urgency
    // A removal that could not be written down would be undone by the next start: there is one more chance.
    if saves.isBehind {
      _ = saves.want()
      effects += sendSave()
    }
    for id in machines.keys.sorted() {
      let turn = makeTurn(now)
      effects += settle(id, machines[id]?.shutDown(urgency, turn))
    }
    return effects
  }

  /// Sends away those whose definition is not on its way to the disk yet. The others hear what
  /// became of it.
  private mutating func dropAdditions() -> [Effect] {
    let dropped = additions.values.filter { $0.save != saves.out }
    for addition in dropped { additions[addition.definition.id] = nil }
    return dropped.sorted { $0.definition.id < $1.definition.id }.map {
      .reply($0.ticket, .refused(.shuttingDown, message: Words.shuttingDown))
    }
  }
}
