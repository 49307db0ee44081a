extension ProcessMachine {
  /// The hook after the present run has ended, well or not.
  mutating func hookEnded(_ context: EventContext) -> [Effect] {
    switch activity {
    case .hook(let hook):
      return afterRun(hook.run, hook.exit, context)
    case .starting, .running, .stopping, .draining:
      impossible("hookEnded")
    case .idle, .waiting, .blocked, .gone:
      return []
    }
  }

  /// Executes the hook after a run that is over: also after one that an operator has stopped, before that is
  /// answered. Where there is none, or no time for it, what follows follows at once.
  mutating func runHook(after run: Run, _ exit: Run.Exit, _ context: EventContext) -> [Effect] {
    guard definition.afterExit != nil, shutdown != .atOnce else {
      return afterRun(run, exit, context)
    }
    let deadline = context.now.monotonic + definition.hookTimeout
    activity = .hook(Hook(run: run, exit: exit, isCancelled: false, deadline: deadline))
    return [.run(run.id, .runAfterExit(definition, exit.status))]
  }

  /// There is no time for it any more.
  mutating func cancel(_ hook: Hook) -> [Effect] {
    if hook.isCancelled { return [] }
    var hook = hook
    hook.isCancelled = true
    activity = .hook(hook)
    return [.run(hook.run.id, .cancelHook)]
  }
}
