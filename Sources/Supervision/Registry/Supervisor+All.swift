extension Supervisor {
  /// Starts all that are not up. One that is up already is as it should be.
  mutating func startAll(_ ticket: Ticket, at now: Moment) -> [Effect] {
    commandAll(.started, ticket, at: now)
  }

  /// Stops all.
  mutating func stopAll(_ ticket: Ticket, at now: Moment) -> [Effect] {
    commandAll(.stopped, ticket, at: now)
  }

  /// Starts a new run of all.
  mutating func restartAll(_ ticket: Ticket, at now: Moment) -> [Effect] {
    commandAll(.restarted, ticket, at: now)
  }

  /// Gives all processes the same command at once, but for those that are being removed.
  private mutating func commandAll(
    _ verb: CommandToAll.Verb, _ ticket: Ticket, at now: Moment
  ) -> [Effect] {
    let ids = machines.values.filter { $0.goal != .removed }.map(\.id).sorted()
    let command = CommandToAll(verb, processes: ids.count)
    if let answer = command.answer { return [.reply(ticket, answer)] }
    commandsToAll[ticket] = command
    var effects: [Effect] = []
    for id in ids {
      let turn = makeTurn(now)
      switch verb {
      case .started:
        if let alreadyUp = machines[id]?.alreadyUp {
          effects += settle(id, [.reply(ticket, .done(alreadyUp))])
        } else {
          effects += settle(id, machines[id]?.start(ticket, turn))
        }
      case .stopped:
        effects += settle(id, machines[id]?.stop(ticket, turn))
      case .restarted:
        effects += settle(id, machines[id]?.restart(ticket, turn))
      }
    }
    return effects
  }

  /// Keeps back the answers of a process to commands to all, until all have answered.
  mutating func gather(_ effects: [Effect], of id: String) -> [Effect] {
    effects.compactMap { effect in
      guard case .reply(let ticket, let reply) = effect, commandsToAll[ticket] != nil else {
        return effect
      }
      commandsToAll[ticket]?.note(id, reply)
      guard let answer = commandsToAll[ticket]?.answer else { return nil }
      commandsToAll[ticket] = nil
      return .reply(ticket, answer)
    }
  }
}
