extension Duration {
  /// How many whole ticks it has, of which a second has so many: 1,000 for milliseconds. What is
  /// left of a tick is cut off; what is no `Int` becomes the one nearest to it.
  package func ticks(perSecond: Int) -> Int {
    let (seconds, attoseconds) = components
    let (whole, isTooMany) = Int(seconds).multipliedReportingOverflow(by: perSecond)
    let rest = Int(attoseconds) / (1_000_000_000_000_000_000 / perSecond)
    let (sum, isTooLarge) = whole.addingReportingOverflow(rest)
    guard !isTooMany, !isTooLarge else { return seconds < 0 ? .min : .max }
    return sum
  }

  /// In whole milliseconds; what is left of one is cut off.
  package var milliseconds: Int { ticks(perSecond: 1_000) }

  /// In whole nanoseconds, rounded up.
  package var nanosecondsRoundedUp: Int {
    let whole = ticks(perSecond: 1_000_000_000)
    return whole < .max && components.attoseconds % 1_000_000_000 > 0 ? whole + 1 : whole
  }

  /// In whole seconds, rounded down, also if it is negative.
  package var secondsRoundedDown: Int {
    let (seconds, attoseconds) = components
    return Int(attoseconds < 0 ? seconds - 1 : seconds)
  }

  /// In whole seconds, rounded up, also if it is negative.
  package var secondsRoundedUp: Int {
    let (seconds, attoseconds) = components
    return Int(attoseconds > 0 ? seconds + 1 : seconds)
  }
}
