import Synchronization

/// A value that a thread of the pool makes, and that may come late.
package final class Awaited<Value: Sendable>: Sendable {
  private let slot = Mutex<Value?>(nil)

  /// One that is not there yet.
  package init() {}

  /// The value, once it is there.
  package var value: Value? { slot.withLock { $0 } }

  /// It is there.
  package func set(_ value: Value) {
    slot.withLock { $0 = value }
  }
}
