import TestSupport

extension SeededRandom {
  /// A delay up to `seconds`, in steps of a tenth.
  mutating func delay(upTo seconds: Int) -> Duration {
    .milliseconds(100 * Int.random(in: 0...(seconds * 10), using: &self))
  }

  mutating func pick<Choices: Collection>(_ choices: Choices) -> Choices.Element {
    choices[
      choices.index(
        choices.startIndex, offsetBy: Int.random(in: 0..<choices.count, using: &self))]
  }
}
