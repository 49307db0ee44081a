extension BinaryInteger {
  /// The quotient rounded down, also if it is negative, and the remainder, which never is.
  ///
  /// - Parameter divisor: more than zero.
  package func floorDivided(by divisor: Self) -> (quotient: Self, remainder: Self) {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }
}
