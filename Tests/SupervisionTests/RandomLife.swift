import Basics
import Supervision
import TestSupport

/// A paper world in which anything happens: commands, ends, failures, late events, in an order that
/// a seed decides.
struct RandomLife {
  var world = PaperWorld()
  var dice: SeededRandom
  /// Whether a save has ever failed: then the disk may lag behind.
  var aSaveHasFailed = false

  static let ids = ["a", "b", "c", "d"]

  init(seed: UInt64) {
    dice = SeededRandom(seed: seed)
    if dice.once(in: 2) {
      world.disk = [.always("a").saved, .periodic("b").saved]
      world.send(.loadSaved(world.disk))
    }
  }

  /// One thing happens; what it breaks is noted in the world's violations.
  mutating func step() {
    let id = dice.pick(Self.ids)
    world.behaviours[id] = randomBehaviour()
    switch Int.random(in: 0..<26, using: &dice) {
    case 0..<8: world.ask(randomCommand(id))
    case 8..<13: world.advance(by: dice.delay(upTo: dice.once(in: 4) ? 90 : 3))
    case 13..<16: endSomething(of: id)
    case 16: fireUnasked(TimerID(process: id, purpose: randomPurpose()))
    case 17: lateEvent()
    case 18: changeDisk()
    case 19..<23: tellSomething(id)
    case 23: changeBehaviour(of: id)
    case 24: changeTime()
    default: if dice.once(in: 12) { requestShutdown() }
    }
    checkFacts()
  }

  /// Nothing more is done from outside, until everything that was asked for must have been
  /// answered.
  mutating func settleDown() {
    world.saveFailure = nil
    world.advance(by: .seconds(100))
    if world.asked != Set(world.answers.keys) {
      world.violations.append("somebody was not answered")
    }
    if !aSaveHasFailed, !world.hasFinished { checkDisk() }
    checkFacts()
  }

  /// Everything ends.
  mutating func end() {
    requestShutdown()
    world.advance(by: .seconds(100))
    if !world.hasFinished { world.violations.append("never finished") }
  }

  private mutating func requestShutdown() {
    switch Int.random(in: 0..<3, using: &dice) {
    case 0: world.ask(.shutdown)
    case 1: world.send(.shutdownRequested)
    default: world.send(.killRequested)
    }
  }

  private mutating func randomCommand(_ id: String) -> Command {
    switch Int.random(in: 0..<30, using: &dice) {
    case 24..<28: .update(randomDefinition(id))
    case 28: .signal(id: id, dice.pick([.hangUp, .kill]), toGroup: false)
    case 29: .signal(id: id, dice.pick([.terminate, .kill]), toGroup: true)
    case 0..<7: .add(randomDefinition(id))
    case 7..<10: .start(id: id)
    case 10..<14: .stop(id: id)
    case 14..<18: .restart(id: id)
    case 18..<21: .remove(id: id, deletesLog: dice.once(in: 2))
    case 21: .startAll
    case 22: .stopAll
    default: .restartAll
    }
  }

  private mutating func randomDefinition(_ id: String) -> ProcessDefinition {
    var definition = dice.once(in: 4) ? ProcessDefinition.periodic(id) : .once(id)
    definition.restartPolicy = dice.pick(RestartPolicy.allCases)
    definition.maxRestarts = dice.once(in: 3) ? Int.random(in: 0...3, using: &dice) : nil
    definition.isSaved = dice.once(in: 2)
    definition.stopTimeout = dice.delay(upTo: 10)
    definition.beforeStart = dice.once(in: 4) ? ["migrate"] : nil
    if dice.once(in: 2) { addWatches(to: &definition) }
    return definition
  }

  mutating func randomBehaviour() -> PaperBehaviour {
    PaperBehaviour(
      startFailure: dice.once(in: 6) ? "no such file" : nil,
      beforeStartTakes: dice.once(in: 2) ? dice.delay(upTo: 2) : nil,
      beforeStartFailure: dice.once(in: 8) ? "exit status: 1" : nil,
      spawnTakes: dice.once(in: 3) ? dice.delay(upTo: 2) : nil,
      lifetime: dice.once(in: 2) ? dice.delay(upTo: 20) : nil,
      exit: dice.pick([.code(0), .code(1), .signal(.kill)]),
      ignoresStopSignal: dice.once(in: 5),
      stopTakes: dice.once(in: 2) ? dice.delay(upTo: 12) : .zero,
      hasHelpers: dice.once(in: 3), helpersIgnoreStopSignal: dice.once(in: 3),
      outlivesKill: dice.once(in: 30),
      findingTakes: dice.once(in: 2) ? dice.delay(upTo: 3) : nil, outputIsHeld: dice.once(in: 5),
      outputTakes: dice.once(in: 3) ? dice.delay(upTo: 4) : .zero,
      probeTakes: dice.once(in: 2) ? dice.delay(upTo: 3) : nil,
      probeFailure: dice.once(in: 2) ? "refused" : nil, memory: dice.pick([nil, 50, 150, 200]),
      hookTakes: dice.once(in: 2) ? dice.delay(upTo: 25) : nil)
  }

  private mutating func endSomething(of id: String) {
    guard let run = world.supervisor.run(of: id) else {
      if dice.once(in: 2) { endHelpers(of: id) }
      return
    }
    switch Int.random(in: 0..<6, using: &dice) {
    case 0: endHelpers(of: id)
    case 1: runOutOfMemory(run)
    case 2:
      world.endOutput(of: run)
      world.end(id, .code(1))
    default: world.end(id, dice.pick([.code(0), .code(1), .signal(.kill)]))
    }
  }

  private mutating func runOutOfMemory(_ run: RunID) {
    if dice.once(in: 2) {
      world.helperRunsOutOfMemory(run)
    } else {
      world.leaderRunsOutOfMemory(run)
    }
    world.drainQueue()
  }

  private mutating func endHelpers(of id: String) {
    for run in world.children.keys where run.process == id { world.helpersEnd(run) }
    world.drainQueue()
  }

  /// A timer fires that is not armed, or not due yet; one that is due is the armed one itself.
  private mutating func fireUnasked(_ timer: TimerID) {
    if let armed = world.timers[timer], armed.due <= world.clock { world.timers[timer] = nil }
    world.send(.timerFired(timer))
  }

  private mutating func randomPurpose() -> TimerID.Purpose {
    dice.pick([
      .nextRun, .stopTimeout, .killTimeout, .outputGrace, .readyTimeout, .probe, .watchdog, .memory,
      .runTimeout,
    ])
  }

  /// Something about a run that is over arrives once more.
  private mutating func lateEvent() {
    let over = world.children.filter { $0.value.isOver }.keys.sorted { $0.serial < $1.serial }
    guard let run = over.dropLast(4).first else { return }
    switch Int.random(in: 0..<12, using: &dice) {
    case 7: world.send(.run(run, .notified(randomNotification())))
    case 8:
      world.send(.run(run, .probed(dice.pick([.succeeded, .failed("late"), .unknown("late")]))))
    case 9: world.send(.run(run, .measured(residentBytes: 1000)))
    case 10: world.send(.run(run, .hookEnded))
    case 11: world.send(.run(run, .beforeStartEnded(failure: dice.once(in: 2) ? "late" : nil)))
    case 0: world.send(.run(run, .spawned(pid: 7)))
    case 1: world.send(.run(run, .spawnFailed(reason: "late")))
    case 2: world.send(.run(run, .exited(.code(0), groupRemains: dice.once(in: 2))))
    case 3: world.send(.run(run, .groupGone))
    case 4: world.send(.run(run, .outOfMemory(oomKills: 3)))
    case 5: world.send(.run(run, .survivors([])))
    default: world.send(.run(run, .outputEnded()))
    }
  }

  private mutating func changeDisk() {
    world.saveTakes = dice.once(in: 2) ? dice.delay(upTo: 3) : nil
    world.spawnsCanBeCancelled = dice.once(in: 2)
    world.logClosingTakes = dice.once(in: 3) ? dice.delay(upTo: 3) : nil
    world.saveFailure = dice.once(in: 4) ? "no space" : nil
    if world.saveFailure != nil { aSaveHasFailed = true }
  }

  // MARK: What holds between any two events

  private mutating func checkFacts() {
    for entry in world.supervisor.entries(at: world.now) {
      let id = entry.definition.id
      let run = world.supervisor.run(of: id)
      let waits = entry.status == .waiting || entry.status == .backoff
      let isScheduled = entry.definition.schedule != nil
      check(!waits || entry.nextRun != nil, "\(id) is \(entry.status), for ever")
      check(
        entry.nextRun == nil || waits || isScheduled && isWatched(entry),
        "\(id) is \(entry.status), and has a next run")
      check(
        isArmed(id, .nextRun) == (entry.nextRun != nil),
        "\(id) is \(entry.status); its timer is not")
      checkWatches(of: entry)
      check(
        (entry.pid != nil) == (run != nil) && (entry.uptime != nil) == (run != nil),
        "\(id) has a PID or an uptime, but no leader")
      for purpose in [TimerID.Purpose.stopTimeout, .killTimeout, .outputGrace] {
        check(
          !isArmed(id, purpose) || entry.status == .stopping,
          "\(id) is \(entry.status), and \(purpose) is armed")
      }
    }
    let known = Set(world.supervisor.entries(at: world.now).map(\.definition.instanceID))
    check(
      world.timers.keys.allSatisfy { $0.process.map(known.contains) ?? true }, "a timer of nobody")
  }

  private mutating func checkDisk() {
    let saved = world.supervisor.entries(at: world.now).map(\.definition).filter(\.isSaved)
    let stuck = world.supervisor.entries(at: world.now).contains { $0.status == .stopping }
    check(stuck || world.disk.map(\.id) == saved.map(\.id), "the disk does not hold what is saved")
  }

  func isArmed(_ id: String, _ purpose: TimerID.Purpose) -> Bool {
    world.timers[TimerID(process: id, purpose: purpose)] != nil
  }

  mutating func check(_ holds: Bool, _ violation: @autoclosure () -> String) {
    if !holds { world.violations.append(violation()) }
  }
}
