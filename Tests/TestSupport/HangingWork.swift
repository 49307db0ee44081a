import Dispatch

/// Held by a test that lets work hang on the threads of libuv's pool. All loops of a program share
/// them: the work of two such tests could wait for the threads that the other one's has.
package final class HangingWork: Sendable {
  // It may be let go of on another thread, by the work itself.
  private static let place = DispatchSemaphore(value: 1)

  /// Waits until no other test has one.
  package init() { Self.place.wait() }

  deinit { Self.place.signal() }
}
