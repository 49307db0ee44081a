import Basics
import Supervision
import TestSupport

/// A paper world of services that depend on each other and have copies, in which anything happens:
/// commands, ends, failures, files that are changed by hand, in an order that a seed decides.
struct RandomServices {
  var world = PaperWorld()
  var dice: SeededRandom
  private var aSaveHasFailed = false

  static let ids = ["a", "b", "c", "d", "e"]

  init(seed: UInt64) {
    dice = SeededRandom(seed: seed)
    if dice.once(in: 2) {
      var files: [ConfiguredDefinition] = []
      for id in Self.ids where !dice.once(in: 3) { files.append(randomFile(id)) }
      write(files)
      world.send(.load(files))
    }
  }

  /// One thing happens; what it breaks is noted in the world's violations.
  mutating func step() {
    let id = dice.pick(Self.ids)
    let name = (world.supervisor.runNames(of: id) ?? []).randomElement(using: &dice) ?? id
    world.behaviours[name] = randomBehaviour()
    switch Int.random(in: 0..<24, using: &dice) {
    case 0..<9: world.ask(randomCommand(id))
    case 9..<14: world.advance(by: dice.delay(upTo: dice.once(in: 4) ? 90 : 3))
    case 14..<17:
      if world.supervisor.run(of: name) != nil { world.end(name, dice.pick([.code(0), .code(1)])) }
    case 17..<20: if world.supervisor.run(of: name) != nil { world.tellReady(name) }
    case 20: changeDisk()
    case 21, 22: reload()
    default: if dice.once(in: 12) { world.send(.shutdownRequested) }
    }
    checkFacts()
  }

  /// Nothing more is done from outside, until everything that was asked for must have been
  /// answered.
  mutating func settleDown() {
    world.saveFailure = nil
    for _ in 0..<10 {
      world.advance(by: .seconds(60))
      // A process that waits for another one to be ready waits for as long as it takes.
      for entry in world.supervisor.entries(at: world.now) where !entry.isReady {
        if entry.pid != nil, entry.status == .starting { world.tellReady(entry.definition.id) }
      }
    }
    if world.asked != Set(world.answers.keys) {
      world.violations.append("somebody was not answered")
    }
    if !world.hasFinished, !aSaveHasFailed { checkDisk() }
    checkFacts()
  }

  /// Everything ends, whatever is under way.
  mutating func end() {
    world.send(.shutdownRequested)
    world.advance(by: .seconds(300))
    if !world.hasFinished { world.violations.append("never finished") }
    if world.asked != Set(world.answers.keys) {
      world.violations.append("somebody was not answered at the end")
    }
  }

  private mutating func randomCommand(_ id: String) -> Command {
    switch Int.random(in: 0..<40, using: &dice) {
    case 0..<8: .add(randomDefinition(id))
    case 8..<11: .start(id: id)
    case 11..<14: .stop(id: dice.once(in: 3) ? "\(id).0" : id)
    case 14..<17: .restart(id: dice.once(in: 3) ? "\(id).1" : id)
    case 17..<20: .remove(id: id, deletesLog: dice.once(in: 2))
    case 20..<24: .update(randomDefinition(id))
    case 24..<27: .scale(id: id, instances: Int.random(in: 1...3, using: &dice))
    case 27..<30: .rollingRestart(id: id)
    case 30: .signal(id: id, .hangUp, toGroup: dice.once(in: 2))
    case 31, 32: .startAll
    case 33..<36: .stopAll
    default: .restartAll
    }
  }

  private mutating func randomDefinition(_ id: String) -> ProcessDefinition {
    var definition = ProcessDefinition.once(dice.once(in: 20) ? "\(id).1" : id)
    definition.restartPolicy = dice.pick(RestartPolicy.allCases)
    definition.isSaved = dice.once(in: 2)
    definition.stopTimeout = dice.delay(upTo: 10)
    definition.instances = dice.once(in: 2) ? Int.random(in: 1...3, using: &dice) : nil
    definition.execution.command = dice.pick(["work", "play"])
    if dice.once(in: 3) {
      definition.execution.listen = [dice.pick(["127.0.0.1:1", "127.0.0.1:2"])]
    }
    if dice.once(in: 3) { definition.execution.ready = .notify }
    definition.readyTimeout = .zero
    for other in Self.ids where dice.once(in: 4) {
      // Mostly downwards, so that there are graphs and not only refusals.
      guard other < id || dice.once(in: 10) else { continue }
      let condition: Dependency.Condition = dice.once(in: 5) ? .completed : .started
      definition.dependencies.append(Dependency(id: other, condition: condition))
    }
    return definition
  }

  private mutating func randomFile(_ id: String) -> ConfiguredDefinition {
    ConfiguredDefinition(
      randomDefinition(id).saved, fragment: dice.once(in: 4) ? "10-\(id).json" : nil)
  }

  /// The files are changed by hand and read again, as the daemon does: what is on its way to the
  /// disk is not in them yet.
  private mutating func reload() {
    var files = world.disk.map { ConfiguredDefinition($0) } + world.fragments
    if dice.once(in: 2), let index = files.indices.randomElement(using: &dice) {
      files.remove(at: index)
    }
    let id = dice.pick(Self.ids)
    files.removeAll { $0.definition.id == id }
    if !dice.once(in: 3) { files.append(randomFile(id)) }
    let isDryRun = dice.once(in: 3)
    // Only where it takes effect have they really been changed.
    var trial = world.supervisor
    var reading = world.files
    reading.definitions = files
    var effects = trial.handle(.command(.reload(isDryRun: false), Ticket(0)), at: world.now)
    // Behind a write, they are read when that is done.
    guard effects.contains(.definitionFiles(.read)) else { return }
    effects += trial.handle(.definitionFilesRead(reading), at: world.now)
    let isRefused = effects.contains {
      if case .reply(Ticket(0), let reply) = $0 { reply.refusal != nil } else { false }
    }
    if !isDryRun, !isRefused, !world.hasFinished { write(files) }
    world.files = reading
    world.ask(.reload(isDryRun: isDryRun))
  }

  private mutating func write(_ files: [ConfiguredDefinition]) {
    world.fragments = files.filter { $0.fragment != nil }
    world.disk = files.filter { $0.fragment == nil }.map(\.definition).sorted { $0.id < $1.id }
    for name in files.flatMap(\.definition.runNames)
    where world.supervisor.entry(name.rawValue, at: world.now) == nil {
      world.stopped.remove(name)
    }
  }

  private mutating func randomBehaviour() -> PaperBehaviour {
    PaperBehaviour(
      startFailure: dice.once(in: 6) ? "no such file" : nil,
      spawnTakes: dice.once(in: 3) ? dice.delay(upTo: 2) : nil,
      lifetime: dice.once(in: 3) ? dice.delay(upTo: 20) : nil,
      exit: dice.pick([.code(0), .code(1)]),
      ignoresStopSignal: dice.once(in: 5),
      stopTakes: dice.once(in: 2) ? dice.delay(upTo: 12) : .zero, hasHelpers: dice.once(in: 4),
      helpersIgnoreStopSignal: dice.once(in: 3), outlivesKill: dice.once(in: 40),
      outputTakes: dice.once(in: 4) ? dice.delay(upTo: 4) : .zero)
  }

  private mutating func changeDisk() {
    world.saveTakes = dice.once(in: 2) ? dice.delay(upTo: 3) : nil
    world.spawnsCanBeCancelled = dice.once(in: 2)
    world.logClosingTakes = dice.once(in: 3) ? dice.delay(upTo: 3) : nil
    world.saveFailure = dice.once(in: 6) ? "no space" : nil
    if world.saveFailure != nil { aSaveHasFailed = true }
  }

  // MARK: What holds between any two events

  private mutating func checkFacts() {
    let entries = world.supervisor.entries(at: world.now)
    for entry in entries {
      let copy = entry.definition
      guard let service = world.supervisor.definition(ofService: copy.serviceID.rawValue) else {
        check(false, "\(copy.id) belongs to nothing")
        continue
      }
      let mine = copy.instance.map { service.copy($0) } ?? service
      let isLeaving = !service.runNames.contains(copy.instanceID)
      check(
        isLeaving || world.hasFinished || world.supervisor.isShuttingDown || mine == copy,
        "\(copy.id) has an old definition")
    }
    let known = Set(entries.map(\.definition.instanceID))
    check(
      world.timers.keys.allSatisfy { $0.process.map(known.contains) ?? true }, "a timer of nobody")
    check(
      known.isSubset(of: world.openLogs) || world.supervisor.isShuttingDown, "a log is not open")
  }

  private mutating func checkDisk() {
    let ids = Set(world.supervisor.entries(at: world.now).map(\.definition.serviceID))
    let stuck = world.supervisor.entries(at: world.now).contains { $0.status == .stopping }
    let saved = ids.sorted().compactMap { world.supervisor.definition(ofService: $0.rawValue) }
      .filter { $0.isSaved && world.supervisor.fragment(ofService: $0.id) == nil }
    for id in world.openSockets {
      let entries = world.supervisor.entries(ofService: id.rawValue, at: world.now)
      let isToRun = entries.contains { ![.stopped, .manuallyStopped, .failed].contains($0.status) }
      check(isToRun, "\(id) has sockets, and nothing is to run")
    }
    check(stuck || world.disk == saved, "the disk does not hold what is saved")
  }

  private mutating func check(_ holds: Bool, _ violation: @autoclosure () -> String) {
    if !holds { world.violations.append(violation()) }
  }
}
