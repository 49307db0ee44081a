import Supervision
import Testing
import UV

@testable import ExeioDaemon

/// The one door: the order of events and effects, and replies by their tickets.
struct EventDispatcherTests {
  private let dispatcher = EventDispatcher(
    Supervisor(limitControllers: [], configDirectory: "conf"),
    clock: Clock(
      monotonic: { .seconds(100) }, sinceEpoch: { .seconds(1_800_000_000) }, bootTicks: { 10_000 }))

  private func definition(_ id: String) -> ProcessDefinition {
    ProcessDefinition(id: id, command: "true")
  }

  private func spawns(_ effects: [Effect]) -> [String] {
    effects.compactMap { if case .run(let id, .spawn(_, run: _)) = $0 { id.process } else { nil } }
  }

  @Test func eachEventBringsItsEffects() {
    var effects: [Effect] = []
    dispatcher.perform = { effects.append($0) }
    dispatcher.send(.load([]))
    dispatcher.ask(.add(definition("a"))) { _ in }
    #expect(spawns(effects) == ["a"])
    #expect(
      dispatcher.supervisor.entry("a", at: Moment(monotonic: .zero, sinceEpoch: .zero)) != nil)
  }

  /// What fails at once is told within the effect.
  @Test func whatAnEffectSendsWaitsForTheOtherEffects() {
    var order: [String] = []
    var depth = 0
    dispatcher.perform = { [unowned dispatcher] effect in
      depth += 1
      #expect(depth == 1 && dispatcher.isDispatching)
      if case .run(let id, .spawn(_, run: _)) = effect {
        order.append("spawn")
        dispatcher.send(.run(id, .spawnFailed(reason: "no room")))
        order.append("told")
      }
      depth -= 1
    }
    var reply: Reply?
    dispatcher.onIdle = { order.append("idle") }
    dispatcher.send(.load([]))
    dispatcher.ask(.add(definition("a"))) {
      reply = $0
      order.append("reply")
    }
    #expect(order == ["idle", "spawn", "told", "reply", "idle"])
    #expect(reply != nil && !dispatcher.isDispatching)
  }

  /// The second command is refused at once, the first when its start has failed.
  @Test func aReplyReachesWhatHasAskedAndNothingElse() {
    var replies: [String] = []
    var started: RunID?
    dispatcher.perform = { if case .run(let id, .spawn(_, run: _)) = $0 { started = id } }
    dispatcher.send(.load([]))
    dispatcher.ask(.add(definition("a"))) { _ in replies.append("add") }
    dispatcher.ask(.stop(id: "nothing")) { _ in replies.append("stop") }
    #expect(replies == ["stop"])
    if let started { dispatcher.send(.run(started, .spawnFailed(reason: "no room"))) }
    #expect(replies == ["stop", "add"])
  }

  @Test func theShutdownIsToldOnceBeforeItsEffects() {
    var order: [String] = []
    dispatcher.onShutdown = { order.append("shutdown") }
    dispatcher.perform = { [unowned dispatcher] in
      if $0 == .endHelpers { dispatcher.send(.helpersEnded) }
      if case .finish = $0 { order.append("finish") }
    }
    dispatcher.send(.load([]))
    #expect(!dispatcher.isShuttingDown)
    dispatcher.send(.shutdownRequested)
    dispatcher.send(.killRequested)
    #expect(order == ["shutdown", "finish"] && dispatcher.isShuttingDown)
  }
}
