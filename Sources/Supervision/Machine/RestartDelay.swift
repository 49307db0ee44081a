/// How long an automatic restart waits, counted from the end of the run before it.
enum RestartDelay {
  /// The delay before the `number`-th restart in a row (1 is the first), after a run that lasted
  /// `lasted`.
  ///
  /// Where the definition has no list of its own, the table of the contract, section 2: from the
  /// third restart on, a quick death costs 20 s more.
  static func before(
    restart number: Int, lasted: Duration, _ definition: ProcessDefinition
  ) -> Duration {
    if let delays = definition.restartDelays, let last = delays.last {
      return number <= delays.count ? delays[number - 1] : last
    }
    let isQuickDeath = number >= 3 && lasted < .seconds(10)
    return base(number) + (isQuickDeath ? .seconds(20) : .zero)
  }

  private static func base(_ number: Int) -> Duration {
    switch number {
    case ...3: .seconds(2)
    case 4...6: .seconds(5)
    case 7...10: .seconds(15)
    case 11...15: .seconds(30)
    default: .seconds(60)
    }
  }
}
