extension Supervisor {
  /// A client asks for something.
  mutating func perform(_ command: Command, _ ticket: Ticket, at now: Moment) -> [Effect] {
    if isShuttingDown { return refuse(command, ticket) }
    switch command {
    case .add(let definition):
      return add(definition, ticket, at: now)
    case .start(let id):
      return perform(.start, on: id, ticket, at: now)
    case .stop(let id):
      return perform(.stop, on: id, ticket, at: now)
    case .restart(let id):
      return perform(.restart, on: id, ticket, at: now)
    case .signal(let id, let signal, let toGroup):
      return perform(.signal(signal, toGroup: toGroup), on: id, ticket, at: now)
    case .remove(let id, let deletesLog):
      return remove(ServiceID(id), deletesLog: deletesLog, ticket, at: now)
    case .update(let definition):
      return update(definition, ticket, at: now)
    case .scale(let id, let instances):
      return scale(ServiceID(id), instances, ticket, at: now)
    case .rollingRestart(let id):
      return rollingRestart(ServiceID(id), ticket, at: now)
    case .reload(let definitions, let isDryRun):
      return reload(definitions, isDryRun: isDryRun, ticket, at: now)
    case .startAll:
      return startAll(ticket, at: now)
    case .stopAll:
      return orderAll(isRestart: false, ticket, at: now)
    case .restartAll:
      return orderAll(isRestart: true, ticket, at: now)
    case .shutdown:
      return [.reply(ticket, .done(Messages.shutdownBegins))] + shutDown(.orderly, at: now)
    }
  }

  private func refuse(_ command: Command, _ ticket: Ticket) -> [Effect] {
    switch command {
    case .shutdown:
      [.reply(ticket, .done(Messages.alreadyShuttingDown))]
    case .add, .start, .stop, .restart, .remove, .update, .scale, .rollingRestart, .signal, .reload,
      .startAll, .stopAll, .restartAll:
      [.reply(ticket, .refused(.shuttingDown, message: Messages.shuttingDown))]
    }
  }
}
