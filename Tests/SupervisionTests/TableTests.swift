import Testing

@Suite struct TableTests {
  /// No pair is undefined, and each does what the table says.
  @Test(arguments: Situation.allCases) func everyPairDoesWhatTheTableSays(situation: Situation) {
    for happening in Happening.allCases {
      guard let expected = Table.outcome(situation, happening) else {
        Issue.record("the table says nothing of \(happening) while \(situation)")
        continue
      }
      if expected == Table.traps { continue }
      var world = situation.make()
      #expect(world.feed(happening) == expected, "\(happening) while \(situation)")
    }
  }

  /// The daemon reported what cannot be: the program ends, and says what it was doing.
  @Test(arguments: Table.trapping) func anImpossibleEventTraps(pair: Table.Pair) async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) { [pair] in
      var world = pair.situation.make()
      world.feed(pair.happening)
    }
    let words = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(words.contains("process 'p': "), "\(pair)")
  }
}
