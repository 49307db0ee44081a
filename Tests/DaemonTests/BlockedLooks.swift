import Dispatch
import UV

/// Takes all threads of a pool that look at processes, in a process of the test's own: of those
/// that come meanwhile nothing can be told.
final class BlockedLooks {
  private static let count = 16
  private let gate = DispatchSemaphore(value: 0)

  init(on loop: Loop) {
    for _ in 0..<Self.count {
      PoolWork.run(on: loop, .processes) { [gate] in
        gate.wait()
      } then: { _ in
      }
    }
  }

  /// Gives the threads back.
  func end() {
    for _ in 0..<Self.count { gate.signal() }
  }
}
