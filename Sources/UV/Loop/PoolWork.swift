import Synchronization

/// A closure that runs on a thread of libuv's pool, for system calls that may wait:
/// `getpwnam_r(3)`, or several calls that belong together.
///
/// The pool holds it from the submission until its end has been told. A thread never owns it: what
/// a closure refers to is let go on the loop's thread.
package final class PoolWork {
  let place: PoolPlace
  /// When it was submitted, on the loop's clock.
  private(set) var since = Duration.zero
  private let body: @Sendable () -> Void
  private var completion: (() -> Void)?
  private let isGivenUp = Atomic(false)

  /// The one behind it in the queue of its place, and whether it stands there: under the pool's
  /// lock.
  var next: Unmanaged<PoolWork>?
  var isQueued = false

  private init(
    _ place: PoolPlace, body: @escaping @Sendable () -> Void, completion: @escaping () -> Void
  ) {
    self.place = place
    self.body = body
    self.completion = completion
  }

  /// Submits a closure, which gets a thread as ``Pool`` says.
  ///
  /// - Parameters:
  ///   - lane: what it competes with.
  ///   - body: called on another thread: it takes values and returns a value, and touches nothing
  ///     of the loop's.
  ///   - then: called from the loop with what `body` has returned, unless the work was given up.
  /// - Returns: the work, which can be given up.
  @discardableResult
  package static func run<Value: Sendable>(
    on loop: Loop, _ lane: PoolLane, _ body: @escaping @Sendable () -> Value,
    then: @escaping (Value) -> Void
  ) -> PoolWork {
    run(in: loop.pool.place(lane), body, then: then)
  }

  /// Does the same for a lane that has been looked up.
  @discardableResult
  static func run<Value: Sendable>(
    in place: PoolPlace, _ body: @escaping @Sendable () -> Value, then: @escaping (Value) -> Void
  ) -> PoolWork {
    let result = Awaited<Value>()
    let this = PoolWork(place) {
      result.set(body())
    } completion: {
      if let value = result.value { then(value) }
    }
    this.since = place.pool.now
    place.pool.submit(this)
    return this
  }

  /// Runs the closure, on a thread of the pool.
  func execute() {
    if !isGivenUp.load(ordering: .acquiring) { body() }
  }

  /// Tells that the closure has returned, on the loop.
  func finish() {
    let completion = self.completion
    self.completion = nil
    completion?()
  }

  /// Gives the work up: nothing is told of it. What no thread has begun is never run; what hangs on
  /// a thread stays there until it returns.
  package func cancel() {
    guard completion != nil else { return }
    completion = nil
    isGivenUp.store(true, ordering: .releasing)
    place.pool.withdraw(self)
  }
}
