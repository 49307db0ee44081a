import Supervision
import Testing

@Suite struct TownTests {
  /// Nobody starts before what it depends on is there, or is told to stop while something that depends on it
  /// runs and everything is to stop; never two runs of one copy; what was stopped stays down; everyone is
  /// answered once; the disk holds what is saved; there is one finish.
  @Test(arguments: 0..<8) func whateverHappensTheRulesHold(batch: UInt64) {
    for seed in (batch * 250)..<(batch * 250 + 250) {
      var town = RandomTown(seed: seed)
      for _ in 0..<50 {
        town.step()
        if !town.world.violations.isEmpty { break }
      }
      if seed.isMultiple(of: 2) { town.settleDown() }
      town.end()
      let broken = town.world.violations
      #expect(broken.isEmpty, "seed \(seed)")
      if !broken.isEmpty { return }
    }
  }
}
