extension ProcessMachine {
  /// Answers those who wait for the end of the run that is over, and says if it had to be killed.
  mutating func answerStopWaiters(killedAfter timeout: Duration? = nil) -> [Effect] {
    defer { stopWaiters = [] }
    return stopWaiters.map { .reply($0, .done(Messages.stopped(id, killedAfter: timeout))) }
  }

  /// Sends away those who wait for a start that will not be.
  mutating func refuseAllStarters(_ refusal: Reply.Refusal, _ message: String) -> [Effect] {
    defer { startWaiters = [] }
    return startWaiters.map { .reply($0.ticket, .refused(refusal, message: message)) }
  }

  /// Answers whoever added it, when a stop came before the first start: it was added all the same.
  mutating func answerAdders(_ context: EventContext) -> [Effect] {
    let adders = startWaiters.filter { $0.command == .add }
    startWaiters.removeAll { $0.command == .add }
    return adders.map {
      .reply($0.ticket, .created(entry(at: context.now), message: Messages.addedButStopped(id)))
    }
  }

  /// Sends everyone away: the group cannot be ended.
  mutating func refuseAll(_ message: String) -> [Effect] {
    let tickets = stopWaiters + startWaiters.map(\.ticket) + removeWaiters
    stopWaiters = []
    startWaiters = []
    removeWaiters = []
    return tickets.map { .reply($0, .refused(.failure, message: message)) }
  }
}
