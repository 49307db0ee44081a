extension ProcessMachine {
  /// The supervisor shuts down, in order or at once. Being told again has effect only if it is more
  /// urgent.
  mutating func shutDown(_ urgency: Shutdown, _ turn: Turn) -> [Effect] {
    if urgency.rawValue <= shutdown.rawValue { return [] }
    let isLeftAlone = shutdown != .no && isSettled
    shutdown = urgency
    wantsFreshRun = false
    if isLeftAlone { return [] }
    let effects = bringDown(turn)
    let message = definition.isSaved ? Words.startsNextTime(id) : Words.shuttingDown
    return effects + startersRefused(.shuttingDown, message)
  }
}
