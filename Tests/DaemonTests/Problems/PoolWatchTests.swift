import API
import Dispatch
import Supervision
import TestSupport
import Testing
import UV

@testable import ExeioDaemon

/// Work that waits for too long is a problem of its place until it ends.
struct PoolWatchTests {
  /// A watch with short times, and work that hangs until it is told to end.
  private final class Scene {
    let loop: Loop
    let problems: Problems
    var messages: [String?: String] {
      Dictionary(uniqueKeysWithValues: problems.list.all.map { ($0.subject, $0.message) })
    }
    private var ended = 0
    private var gates: [DispatchSemaphore] = []
    private let alone = HangingWork()

    init(on loop: Loop) {
      self.loop = loop
      problems = Problems(
        write: { _, _ in },
        clock: { Moment(monotonic: Clock.monotonicTime, sinceEpoch: .zero) })
    }

    func watch(limit: Duration = .milliseconds(50)) throws -> PoolWatch {
      try PoolWatch(on: loop, problems: problems, limit: limit, interval: .milliseconds(10))
    }

    /// Begins work that hangs. Signalled, it ends.
    func hang(_ lane: PoolLane) -> DispatchSemaphore {
      let gate = DispatchSemaphore(value: 0)
      gates.append(gate)
      PoolWork.run(on: loop, lane) {
        gate.wait()
      } then: { [self] _ in
        ended += 1
      }
      return gate
    }

    func end(_ gate: DispatchSemaphore) throws {
      let before = ended
      gate.signal()
      try poll { ended > before }
    }

    /// Lets all work end: that of a test that has failed would keep its threads from others.
    func endAll() {
      for gate in gates { gate.signal() }
    }

    func poll(until condition: () -> Bool) throws { try pollLoop(loop, until: condition) }
  }

  private func withScene(_ body: (Scene, Loop) throws -> Void) throws {
    try withLoop { loop in
      let scene = Scene(on: loop)
      defer { scene.endAll() }
      try body(scene, loop)
    }
  }

  @Test func workIsShownByItsPlaceUntilItEnds() throws {
    try withScene { scene, loop in
      let watch = try scene.watch()
      defer { watch.close() }
      let accounts = scene.hang(.start(place: "accounts"))
      let looks = scene.hang(.processes)
      try scene.poll { scene.messages.count == 2 }
      #expect(scene.problems.list.all.allSatisfy { $0.code == .poolWait })
      #expect(
        scene.messages["accounts"]
          == "work on 'accounts' has waited for more than 0.05s for an answer; look whether its disk or server works"
      )
      let memory = try #require(scene.messages["memory of other processes"])
      #expect(memory.hasPrefix("a process does not let itself be looked at"))
      try scene.end(looks)
      try scene.poll { scene.messages.count == 1 }
      #expect(scene.messages["accounts"] != nil)
      try scene.end(accounts)
      try scene.poll { scene.messages.isEmpty }
    }
  }

  @Test func itIsWatchedAgainAfterThePoolHadNothingToDo() throws {
    try withScene { scene, loop in
      let watch = try scene.watch()
      defer { watch.close() }
      for _ in 0..<2 {
        let work = scene.hang(.start(place: "accounts"))
        try scene.poll { scene.messages.count == 1 }
        try scene.end(work)
        try scene.poll { scene.messages.isEmpty }
      }
    }
  }

  @Test func workThatWasThereBeforeTheWatchIsShown() throws {
    try withScene { scene, loop in
      let work = scene.hang(.start(place: "accounts"))
      let watch = try scene.watch()
      defer { watch.close() }
      try scene.poll { scene.messages.count == 1 }
      try scene.end(work)
    }
  }

  @Test func workIsNotShownBeforeTheLimit() throws {
    try withScene { scene, loop in
      let watch = try scene.watch(limit: .seconds(1000))
      defer { watch.close() }
      let work = scene.hang(.start(place: "accounts"))
      _ = try turn(loop, for: .milliseconds(100))
      #expect(scene.messages.isEmpty)
      try scene.end(work)
    }
  }

  @Test func nothingIsShownAfterTheEnd() throws {
    try withScene { scene, loop in
      let watch = try scene.watch(limit: .zero)
      watch.close()
      let work = scene.hang(.start(place: "accounts"))
      _ = try turn(loop, for: .milliseconds(50))
      #expect(scene.messages.isEmpty)
      try scene.end(work)
    }
  }
}
