extension Supervisor {
  /// Something has happened to a machine: where it is essential and has ended for good, everything ends. The
  /// first one decides with which code.
  mutating func shutDownIfEssential(_ name: InstanceID, at now: Moment) -> [Effect] {
    guard !isShuttingDown, let machine = machines[name], machine.definition.isEssential,
      let end = machine.endedForGood
    else { return [] }
    let (how, code): (String, Int32) =
      switch end {
      case .exit(.code(let code)): ("\(ExitStatus.code(code))", code)
      case .exit(.signal(let signal)): ("\(ExitStatus.signal(signal))", 128 + signal.number)
      case .failure: (machine.error ?? "failed", 1)
      }
    return essentialEnded(name, how, code: code, at: now)
  }

  mutating func essentialEnded(
    _ name: some ProcessName, _ how: String, code: Int32, at now: Moment
  ) -> [Effect] {
    if isShuttingDown { return [] }
    exitCode = code
    return [.logSupervisor(Messages.essentialEnded(name, how, code: code), level: .warning)]
      + shutDown(.orderly, at: now)
  }
}
