extension ProcessMachine {
  /// An operator sends a signal to the leader of the present run, or to everything that belongs to it. What
  /// follows from it is as if the run had got it from anybody else.
  func signal(_ signal: Signal, toGroup: Bool, _ ticket: Ticket) -> [Effect] {
    guard let run = signallableRun(inGroup: toGroup) else {
      return [.reply(ticket, .refused(.conflict, message: Messages.nothingToSignal(id)))]
    }
    let line = Messages.signalled(id, run.pid, signal, toGroup: toGroup)
    return [
      .log(id, .write(line)), .logSupervisor(line),
      toGroup ? .run(run.id, .signal(signal)) : .run(run.id, .signalLeader(signal)),
      .reply(ticket, .done(line)),
    ]
  }

  private func signallableRun(inGroup: Bool) -> Run? {
    switch activity {
    case .running(let run): run
    case .stopping(let stopping): inGroup || stopping.run.exit == nil ? stopping.run : nil
    case .idle, .waiting, .blocked, .starting, .draining, .hook, .gone: nil
    }
  }
}
