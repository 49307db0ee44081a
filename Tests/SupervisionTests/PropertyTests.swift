import Basics
import Supervision
import Testing

@Suite struct PropertyTests {
  /// Never two copies; a stopped process stays down; no signal to a group that is gone; timers are
  /// disarmed or fire; everyone is answered once; one save at a time; one finish, and nothing after
  /// it.
  @Test(arguments: 0..<8) func whateverHappensTheRulesHold(batch: UInt64) {
    for seed in (batch * 250)..<(batch * 250 + 250) {
      var life = RandomLife(seed: seed)
      for _ in 0..<40 { life.step() }
      life.settleDown()
      life.end()
      let broken = life.world.violations
      #expect(broken.isEmpty, "seed \(seed)")
      if !broken.isEmpty { return }
    }
  }

  /// The random lives are worth something only if they come everywhere.
  @Test func theRandomLivesSeeEveryStatusEffectAndRefusal() {
    var statuses: Set<ProcessStatus> = []
    var refusals: Set<Reply.Refusal> = []
    var signals: Set<Signal> = []
    var closedOutputs = 0
    for seed in UInt64(10_000)..<10_100 {
      var life = RandomLife(seed: seed)
      for _ in 0..<40 {
        life.step()
        statuses.formUnion(life.world.supervisor.entries(at: life.world.now).map(\.status))
      }
      life.settleDown()
      refusals.formUnion(life.world.answers.values.compactMap(\.refusal))
      for id in RandomLife.ids { signals.formUnion(life.world.signals(to: id)) }
      closedOutputs += life.world.effects.count {
        if case .run(_, .closeOutput) = $0 { true } else { false }
      }
    }
    #expect(statuses == Set(ProcessStatus.allCases))
    #expect(refusals == [.noSuchProcess, .conflict, .shuttingDown, .failure])
    #expect(signals == [.terminate, .kill])
    #expect(closedOutputs > 10)
  }

  @Test func theRandomLivesSeeEveryReasonHealthAndWatch() {
    var reasons: Set<ProcessEntry.LastExit.Reason> = []
    var healths: Set<Health.Status> = []
    var watches: Set<TimerID.Purpose> = []
    var seen: [String: Int] = [:]
    for seed in UInt64(20_000)..<20_200 {
      var life = RandomLife(seed: seed)
      for _ in 0..<40 {
        life.step()
        let entries = life.world.supervisor.entries(at: life.world.now)
        reasons.formUnion(entries.compactMap(\.lastExit?.reason))
        healths.formUnion(entries.map(\.health.status))
        watches.formUnion(life.world.timers.keys.compactMap(\.purpose))
      }
      life.end()
      for effect in life.world.effects {
        switch effect {
        case .run(_, .runBeforeStart): seen["hook before", default: 0] += 1
        case .run(_, .probe): seen["probe", default: 0] += 1
        case .run(_, .cancelProbe): seen["cancel probe", default: 0] += 1
        case .run(_, .measure): seen["measure", default: 0] += 1
        case .run(_, .runAfterExit): seen["hook", default: 0] += 1
        case .run(_, .cancelHook): seen["cancel hook", default: 0] += 1
        default: break
        }
      }
    }
    #expect(reasons == Set(ProcessEntry.LastExit.Reason.allCases))
    #expect(healths == Set(Health.Status.allCases))
    #expect(watches.count == 9)
    for effect in ["hook before", "probe", "cancel probe", "measure", "hook", "cancel hook"] {
      #expect(seen[effect, default: 0] > 0, "\(effect)")
    }
  }
}
