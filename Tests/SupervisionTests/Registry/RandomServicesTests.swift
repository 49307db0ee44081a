import Supervision
import Testing

@Suite struct RandomServicesTests {
  /// No process starts before what it depends on is there, or is told to stop while something that
  /// depends on it runs and everything is to stop; never two runs of one copy; what was stopped
  /// stays down; everyone is answered once; the disk holds what is saved; there is one finish.
  @Test(arguments: 0..<8) func whateverHappensTheRulesHold(batch: UInt64) {
    for seed in (batch * 250)..<(batch * 250 + 250) {
      var services = RandomServices(seed: seed)
      for _ in 0..<50 {
        services.step()
        if !services.world.violations.isEmpty { break }
      }
      if seed.isMultiple(of: 2) { services.settleDown() }
      services.end()
      let broken = services.world.violations
      #expect(broken.isEmpty, "seed \(seed)")
      if !broken.isEmpty { return }
    }
  }
}
