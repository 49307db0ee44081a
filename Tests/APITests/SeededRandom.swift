import Supervision

/// The same numbers for the same seed (SplitMix64), so that a failure can be seen again.
struct SeededRandom: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  mutating func chance(_ one: Int) -> Bool { Int.random(in: 0..<one, using: &self) == 0 }

  /// Text with all that JSON has to take care of, but no NUL.
  mutating func text(_ length: ClosedRange<Int>) -> String {
    let scalars: [Unicode.Scalar] = [
      "a", "Z", "0", " ", "\"", "\\", "/", "\n", "\r", "\t", "\u{1}", "\u{1B}", "\u{7F}", "\u{80}",
      "\u{9F}", "\u{A0}", "é", "e", "\u{301}", "€", "\u{2028}", "\u{FEFF}", "\u{FFFD}", "\u{FFFF}",
      "😀", "\u{10FFFF}", "{", "]", ",", "=", "$",
    ]
    var text = String.UnicodeScalarView()
    for _ in 0..<Int.random(in: length, using: &self) {
      if let scalar = scalars.randomElement(using: &self) { text.append(scalar) }
    }
    return String(text)
  }
}

extension ProcessDefinition {
  /// Any definition that may be saved; about half of its fields are at their default.
  static func random(id: String, using random: inout SeededRandom) -> ProcessDefinition {
    var definition = ProcessDefinition(id: id, command: random.text(1...20))
    if random.chance(2) {
      definition.execution.arguments = (0..<Int.random(in: 0...4, using: &random)).map { _ in
        random.text(0...10)
      }
    }
    if random.chance(2) { definition.execution.workingDirectory = random.text(1...20) }
    definition.restartPolicy = RestartPolicy.allCases.randomElement(using: &random) ?? .never
    if random.chance(2) { definition.maxRestarts = Int.random(in: 0...1_000_000, using: &random) }
    if random.chance(2) {
      definition.successExitCodes = (0..<Int.random(in: 1...256, using: &random)).map { _ in
        Int32.random(in: 0...255, using: &random)
      }
    }
    definition.isSaved = random.chance(2)
    definition.isPeriodic = random.chance(2)
    if definition.isPeriodic || random.chance(2) {
      let seconds = Int.random(in: 1...31_535_999, using: &random)
      definition.period = .seconds(seconds)
      if random.chance(2) {
        definition.period = .nanoseconds(
          Int.random(in: 100_000_000...31_536_000_000_000_000, using: &random))
      }
    }
    if random.chance(2) {
      definition.stopSignal = Signal(number: .random(in: 1...64, using: &random))
    }
    if random.chance(2) {
      definition.stopTimeout = .milliseconds(Int.random(in: 0...86_400_000, using: &random))
    }
    if random.chance(2) {
      for _ in 0..<Int.random(in: 0...3, using: &random) {
        let name = String(
          String.UnicodeScalarView(random.text(1...8).unicodeScalars.filter { $0 != "=" }))
        definition.execution.environment[name.isEmpty ? "X" : name] = random.text(0...12)
      }
    }
    if random.chance(2) {
      definition.logMaxBytes = random.chance(3) ? 0 : Int.random(in: 1024...1 << 50, using: &random)
    }
    if random.chance(2) { definition.logMaxFiles = Int.random(in: 0...1_000, using: &random) }
    if random.chance(2) {
      definition.execution.memoryMaxBytes = Int.random(in: 1 << 20...1 << 50, using: &random)
    }
    if random.chance(2) {
      definition.execution.cpuMaxPercent = Int.random(in: 1...100_000, using: &random)
    }
    if random.chance(2) {
      definition.execution.tasksMax = Int.random(in: 1...4_194_304, using: &random)
    }
    return definition
  }
}
