extension ProcessMachine {
  /// An operator wants it forgotten: wins over all other wishes. The registry answers when
  /// `isGone`.
  mutating func remove(_ ticket: Ticket, deletesLog: Bool, _ context: EventContext) -> [Effect] {
    goal = .removed
    wantsFreshRun = false
    self.deletesLog = self.deletesLog || deletesLog
    removeWaiters.append(ticket)
    var effects = bringDown(context)
    effects += refuseAllStarters(.conflict, Messages.supersededByRemoval(id))
    let stoppers = stopWaiters
    stopWaiters = []
    effects += stoppers.map {
      .reply($0, .refused(.conflict, message: Messages.supersededByRemoval(id)))
    }
    switch activity {
    case .idle: activity = .gone
    case .waiting, .blocked, .starting, .running, .stopping, .draining, .hook, .gone: break
    }
    return effects
  }
}
