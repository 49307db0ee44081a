import Basics
import Supervision
import TestSupport

extension RandomLife {
  /// A definition with much of what watches over a run, in values that make it matter within a
  /// minute or two.
  mutating func addWatches(to definition: inout ProcessDefinition) {
    definition.execution.arguments = dice.once(in: 2) ? ["anew"] : []
    definition.execution.ready = dice.pick(Readiness.allCases)
    definition.readyTimeout = dice.once(in: 2) ? dice.delay(upTo: 20) : nil
    definition.execution.watchdog = dice.once(in: 2) ? .seconds(5) : nil
    if dice.once(in: 2) || definition.execution.ready == .healthy {
      var check = HealthCheck(dice.pick([.tcp("localhost:80"), .command(["look"])]))
      check.interval = .seconds(dice.pick([1, 5]))
      check.retries = dice.pick([1, 2])
      check.startPeriod = dice.once(in: 3) ? .seconds(10) : .zero
      check.onFailure = dice.pick(HealthCheck.OnFailure.allCases)
      definition.healthCheck = check
    }
    definition.restartAboveMemoryBytes = dice.once(in: 2) ? 100 : nil
    definition.afterExit = dice.once(in: 2) ? ["clean"] : nil
    definition.hookTimeout = .seconds(20)
    definition.restartDelays = dice.once(in: 3) ? [.seconds(1), .seconds(3)] : nil
    definition.runTimeout = dice.once(in: 2) ? .seconds(15) : nil
    definition.overlap = dice.pick(Overlap.allCases)
    definition.logMaxFiles = dice.pick([1, 2])
    if dice.once(in: 3) {
      definition.isPeriodic = false
      definition.period = nil
      do {
        definition.schedule = try CronSchedule(
          dice.pick(["* * * * *", "*/2 * * * *", "@hourly", "0 0 30 2 *"]))
      } catch {
        world.violations.append("\(error)")
      }
    }
  }

  /// What is alive of a process does something else from now on.
  mutating func changeBehaviour(of id: String) {
    let behaviour = randomBehaviour()
    world.changeBehaviour(of: id) { $0 = behaviour }
  }

  /// A process tells something of itself.
  mutating func tellSomething(_ id: String) {
    guard let run = world.supervisor.run(of: id) else { return }
    world.send(.run(run, .notified(randomNotification())))
  }

  mutating func randomNotification() -> Notification {
    var notification = Notification()
    notification.isReady = dice.once(in: 2)
    notification.isAlive = dice.once(in: 2)
    notification.isStopping = dice.once(in: 12)
    notification.hasFailed = dice.once(in: 12)
    notification.status = dice.once(in: 2) ? dice.pick(["", "working"]) : nil
    return notification
  }

  /// The wall clock is set, or the zone is read again.
  mutating func changeTime() {
    switch Int.random(in: 0..<3, using: &dice) {
    case 0: world.epoch += dice.delay(upTo: 200) - .seconds(100)
    case 1: world.epoch += .seconds(Int.random(in: -20_000...20_000, using: &dice))
    default:
      let offset = Int32(900 * Int.random(in: -4...4, using: &dice))
      world.send(.zoneRead(TimeZoneOffsets([.init(at: 0, offset: offset)])))
    }
  }

  /// Whether it has a run that is alive, and its end is not wanted.
  func isWatched(_ entry: ProcessEntry) -> Bool {
    entry.pid != nil && (entry.status == .running || entry.status == .starting)
  }

  /// What is armed, and why; and that nothing is missing that should be.
  mutating func checkWatches(of entry: ProcessEntry) {
    let id = entry.definition.id
    let definition = entry.definition
    let isWatched = isWatched(entry)
    let isProbed = world.probes.contains { $0.process == id }
    let isMeasured = world.measurements.contains { $0.process == id }
    let isTimed = definition.isPeriodic || definition.schedule != nil
    let isChecked = isWatched && (entry.isReady || definition.execution.ready != .notify)
    let limit =
      definition.readyTimeout ?? (definition.execution.ready == .notify ? .seconds(90) : .zero)
    expect(id, .readyTimeout, isWatched && !entry.isReady && limit > .zero)
    expect(id, .watchdog, isChecked && definition.execution.watchdog != nil)
    expect(id, .probe, isChecked && definition.healthCheck != nil && !isProbed)
    expect(id, .memory, isWatched && definition.restartAboveMemoryBytes != nil && !isMeasured)
    expect(id, .runTimeout, isWatched && isTimed && definition.runTimeout != nil)
    check(!isProbed || isChecked, "\(id) is \(entry.status), and probed")
    check(
      (entry.health.status == .none) == (definition.healthCheck == nil || entry.pid == nil)
        || entry.status == .stopping,
      "\(id) is \(entry.status), and its health \(entry.health.status)")
    check(entry.isReady == (entry.status == .running), "\(id) is \(entry.status)")
  }

  private mutating func expect(_ id: String, _ purpose: TimerID.Purpose, _ isExpected: Bool) {
    check(
      isArmed(id, purpose) == isExpected, "\(id): \(purpose) is\(isExpected ? " not" : "") armed")
  }
}
