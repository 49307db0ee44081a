extension Supervisor {
  /// A client asks for something.
  mutating func perform(_ command: Command, _ ticket: Ticket, at now: Moment) -> [Effect] {
    if isShuttingDown { return refuse(command, ticket) }
    let turn = makeTurn(now)
    switch command {
    case .add(let definition):
      return add(definition, ticket, at: now)
    case .start(let id):
      return answered(id, ticket, machines[id]?.start(ticket, turn))
    case .stop(let id):
      return answered(id, ticket, machines[id]?.stop(ticket, turn))
    case .restart(let id):
      return answered(id, ticket, machines[id]?.restart(ticket, turn))
    case .remove(let id, let deletesLog):
      if let removal = removals[id] {
        // Its log is being closed already: it is too late to have it deleted.
        if deletesLog, !removal.deletesLog {
          return [.reply(ticket, .refused(.conflict, message: Words.beingRemoved(id)))]
        }
        removals[id]?.tickets.append(ticket)
        return []
      }
      return answered(
        id, ticket, machines[id]?.remove(ticket, deletesLog: deletesLog, turn))
    case .update, .scale, .rollingRestart, .signal, .reload:
      return [.reply(ticket, .refused(.conflict, message: "not yet"))]
    case .startAll:
      return startAll(ticket, at: now)
    case .stopAll:
      return stopAll(ticket, at: now)
    case .restartAll:
      return restartAll(ticket, at: now)
    case .shutdown:
      return [.reply(ticket, .done(Words.shutdownBegins))] + shutDown(.orderly, at: now)
    }
  }

  /// Completes what a machine returned for a command; nil stands for a process that does not exist.
  private mutating func answered(_ id: String, _ ticket: Ticket, _ effects: [Effect]?) -> [Effect] {
    guard let effects else {
      return [.reply(ticket, .refused(.noSuchProcess, message: Words.noSuchProcess(id)))]
    }
    return settle(id, effects)
  }

  private func refuse(_ command: Command, _ ticket: Ticket) -> [Effect] {
    switch command {
    case .shutdown:
      [.reply(ticket, .done(Words.alreadyShuttingDown))]
    case .add, .start, .stop, .restart, .remove, .update, .scale, .rollingRestart, .signal, .reload,
      .startAll, .stopAll, .restartAll:
      [.reply(ticket, .refused(.shuttingDown, message: Words.shuttingDown))]
    }
  }
}
