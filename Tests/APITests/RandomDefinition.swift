import Basics
import Supervision
import TestSupport

extension ProcessDefinition {
  /// Any definition that may be saved; about half of its fields are at their default.
  static func random(id: String, using random: inout SeededRandom) -> ProcessDefinition {
    var definition = ProcessDefinition(id: id, command: random.text(1...20))
    definition.execution.randomize(using: &random)
    definition.randomizeLife(using: &random)
    definition.randomizeTimes(using: &random)
    definition.randomizeReadiness(using: &random)
    definition.instances = random.maybe { .random(in: 1...1_000, using: &$0) }
    for _ in 0..<Int.random(in: 0...2, using: &random) {
      definition.labels["k\(Int.random(in: 0...99, using: &random))é \""] = ["", "v", "é:\\"]
        .randomElement(using: &random)
    }
    definition.beforeStart = random.maybe { $0.command() }
    definition.afterExit = random.maybe { $0.command() }
    definition.startTimeout = random.maybe { $0.milliseconds(100...86_400_000) } ?? .seconds(30)
    definition.hookTimeout = random.maybe { $0.milliseconds(100...86_400_000) } ?? .seconds(60)
    definition.isEssential = random.once(in: 2)
    definition.isSaved = random.once(in: 2)
    if random.once(in: 2) {
      definition.logMaxBytes =
        random.once(in: 3) ? 0 : Int.random(in: 1024...1 << 50, using: &random)
    }
    if random.once(in: 2) { definition.logMaxFiles = Int.random(in: 0...1_000, using: &random) }
    return definition
  }

  private mutating func randomizeLife(using random: inout SeededRandom) {
    restartPolicy = RestartPolicy.allCases.randomElement(using: &random) ?? .never
    maxRestarts = random.maybe { .random(in: 0...1_000_000, using: &$0) }
    if random.once(in: 2) {
      successExitCodes = (0..<Int.random(in: 1...256, using: &random)).map { _ in
        Int32.random(in: 0...255, using: &random)
      }
    }
    restartDelays = random.maybe { random in
      (0..<Int.random(in: 1...32, using: &random)).map { _ in
        random.milliseconds(100...86_400_000)
      }
    }
    restartReset = random.maybe { $0.milliseconds(100...31_536_000_000) } ?? .seconds(300)
    if random.once(in: 2) { stopSignal = Signal(number: .random(in: 1...64, using: &random)) }
    if random.once(in: 2) { stopTimeout = random.milliseconds(0...86_400_000) }
    restartAboveMemoryBytes = random.maybe { .random(in: 1 << 20...1 << 50, using: &$0) }
  }

  private mutating func randomizeTimes(using random: inout SeededRandom) {
    isPeriodic = random.once(in: 2)
    if isPeriodic || random.once(in: 2) {
      let seconds = Int.random(in: 1...31_535_999, using: &random)
      period = .seconds(seconds)
      if random.once(in: 2) {
        period = .nanoseconds(
          Int.random(in: 100_000_000...31_536_000_000_000_000, using: &random))
      }
    }
    if !isPeriodic, random.once(in: 2) {
      let texts = ["* * * * *", "*/5 1-3,7 1 jan-mar mon", "0 4 * * 0", "@hourly"]
      do {
        schedule = try CronSchedule(texts.randomElement(using: &random) ?? "@daily")
      } catch {
        preconditionFailure("a sample is no schedule: \(error.message)")
      }
      overlap = Overlap.allCases.randomElement(using: &random) ?? .skip
    }
    guard isPeriodic || schedule != nil else { return }
    runTimeout = random.maybe { $0.milliseconds(100...31_536_000_000) }
  }

  private mutating func randomizeReadiness(using random: inout SeededRandom) {
    healthCheck = random.maybe { HealthCheck.random(using: &$0) }
    execution.ready = Readiness.allCases.randomElement(using: &random) ?? .spawned
    if execution.ready == .healthy, healthCheck == nil { execution.ready = .notify }
    if execution.ready != .spawned {
      readyTimeout = random.maybe { $0.once(in: 3) ? .zero : $0.milliseconds(1...86_400_000) }
    }
    for index in 0..<Int.random(in: 0...3, using: &random) {
      dependencies.append(
        Dependency(
          id: "other\(index)",
          condition: Dependency.Condition.allCases.randomElement(using: &random) ?? .started))
    }
  }
}

extension Execution {
  fileprivate mutating func randomize(using random: inout SeededRandom) {
    if random.once(in: 2) {
      arguments = (0..<Int.random(in: 0...4, using: &random)).map { _ in random.text(0...10) }
    }
    workingDirectory = random.maybe { $0.text(1...20) }
    for _ in 0..<Int.random(in: 0...3, using: &random) where random.once(in: 2) {
      let name = String(
        String.UnicodeScalarView(random.text(1...8).unicodeScalars.filter { $0 != "=" }))
      environment[name.isEmpty ? "X" : name] = random.text(0...12)
    }
    environmentFile = random.maybe { ($0.once(in: 2) ? "-" : "/") + $0.text(1...20) }
    user = random.maybe { $0.account() }
    group = random.maybe { $0.account() }
    umask = random.maybe { .random(in: 0...0o777, using: &$0) }
    nice = random.maybe { .random(in: -20...19, using: &$0) }
    limits.openFiles = random.maybe { .random(in: 4...1 << 30, using: &$0) }
    limits.coreBytes = random.maybe { .random(in: 0...1 << 50, using: &$0) }
    limits.addressSpaceBytes = random.maybe { .random(in: 1 << 20...1 << 50, using: &$0) }
    limits.processes = random.maybe { .random(in: 1...4_194_304, using: &$0) }
    limits.cpuSeconds = random.maybe { .random(in: 1...31_536_000, using: &$0) }
    memoryMaxBytes = random.maybe { .random(in: 1 << 20...1 << 50, using: &$0) }
    cpuMaxPercent = random.maybe { .random(in: 1...100_000, using: &$0) }
    tasksMax = random.maybe { .random(in: 1...4_194_304, using: &$0) }
    watchdog = random.maybe { $0.milliseconds(100...86_400_000) }
    if random.once(in: 2) {
      let port = Int.random(in: 1...65_535, using: &random)
      listen = ["127.0.0.1:\(port)", "[::1]:\(port)", "/run/\(port).sock"].shuffled(using: &random)
    }
  }
}

extension HealthCheck {
  fileprivate static func random(using random: inout SeededRandom) -> HealthCheck {
    let probes: [Probe] = [
      .http("http://127.0.0.1:8000/health?a=b"), .http("http://[::1]"), .tcp("db.example.org:5432"),
      .tcp("[::1]:80"), .command(random.command()),
    ]
    var check = HealthCheck(probes.randomElement(using: &random) ?? .tcp("localhost:1"))
    if random.once(in: 2) { check.interval = random.milliseconds(100...86_400_000) }
    if random.once(in: 2) { check.timeout = random.milliseconds(100...86_400_000) }
    if random.once(in: 2) { check.retries = .random(in: 1...1_000, using: &random) }
    if random.once(in: 2) { check.startPeriod = random.milliseconds(0...86_400_000) }
    check.onFailure = OnFailure.allCases.randomElement(using: &random) ?? .restart
    return check
  }
}

extension SeededRandom {
  /// Half of the time nil.
  fileprivate mutating func maybe<Value>(_ make: (inout SeededRandom) -> Value) -> Value? {
    once(in: 2) ? make(&self) : nil
  }

  fileprivate mutating func milliseconds(_ range: ClosedRange<Int>) -> Duration {
    .milliseconds(Int.random(in: range, using: &self))
  }

  fileprivate mutating func account() -> String {
    once(in: 2) ? "\(Int.random(in: 0...4_294_967_294, using: &self))" : "www-data"
  }

  fileprivate mutating func command() -> [String] {
    [text(1...10)] + (0..<Int.random(in: 0...2, using: &self)).map { _ in text(0...10) }
  }
}
