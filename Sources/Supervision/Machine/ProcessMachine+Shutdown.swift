extension ProcessMachine {
  /// The supervisor shuts down, in order or at once. Being told again has effect only if it is more
  /// urgent.
  mutating func shutDown(_ urgency: Shutdown, _ context: EventContext) -> [Effect] {
    if urgency.rawValue <= shutdown.rawValue { return [] }
    let isLeftAlone = shutdown != .no && isSettled
    shutdown = urgency
    wantsFreshRun = false
    if isLeftAlone { return [] }
    let effects = bringDown(context)
    let message = definition.isSaved ? Messages.startsNextTime(id) : Messages.shuttingDown
    return effects + refuseAllStarters(.shuttingDown, message)
  }
}
