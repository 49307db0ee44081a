import CLibUV
import Synchronization

/// A closure that runs on a thread of libuv's pool (`uv_work_t`), for system calls that may wait and that libuv has no
/// request for: `getpwnam_r(3)`, or several calls that belong together.
///
/// It holds itself from the submission to the callback.
package final class PoolWork: PoolJob {
  private let request: UnsafeMutablePointer<uv_work_t>
  private let body: @Sendable () -> Void
  private var completion: (() -> Void)?

  /// What has happened to it first.
  private enum Fate: UInt8, AtomicRepresentable {
    case none
    /// Its closure has returned.
    case ended
    /// Its loop was given up.
    case left
  }

  private let fate = Atomic(Fate.none)

  private init(
    _ place: PoolPlace, body: @escaping @Sendable () -> Void, completion: @escaping () -> Void
  ) {
    request = .allocate(capacity: 1)
    request.initialize(to: uv_work_t())
    self.body = body
    self.completion = completion
    super.init(place)
  }

  deinit {
    request.deallocate()
  }

  /// Submits a closure (`uv_queue_work`), which gets a thread as ``Pool`` says.
  ///
  /// - Parameters:
  ///   - lane: what it competes with.
  ///   - body: called on another thread: it takes values and returns a value, and touches nothing of the loop's.
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
    place.pool.submit(this)
    return this
  }

  override func begin() -> Int32 {
    WorkerPool.noteBegun()
    request.pointee.data = Unmanaged.passRetained(self).toOpaque()
    let result = uv_queue_work(
      place.pool.loopPointer, request, { PoolWork.owner(of: $0).takeUnretainedValue().execute() },
      { request, _ in PoolWork.finish(request) })
    // It refuses a request without a function only.
    precondition(result == 0, "uv_queue_work: \(result)")
    return result
  }

  /// On its thread.
  private func execute() {
    body()
    if fate.exchange(.ended, ordering: .acquiringAndReleasing) == .left {
      WorkerPool.left.remove(place.fileSystem.name)
    }
  }

  override func leave() {
    let name = place.fileSystem.name
    WorkerPool.left.add(name)
    let (isLeft, _) = fate.compareExchange(
      expected: .none, desired: .left, ordering: .acquiringAndReleasing)
    if !isLeft { WorkerPool.left.remove(name) }
  }

  /// Gives the work up: nothing is told of it. What no thread has begun is never run; what hangs on a thread stays there
  /// until it returns.
  package func cancel() {
    guard completion != nil else { return }
    completion = nil
    if place.pool.withdraw(self) { return }
    // EBUSY: it is being run.
    _ = UnsafeMutableRawPointer(request).withMemoryRebound(to: uv_req_t.self, capacity: 1) {
      uv_cancel($0)
    }
  }

  private static func owner(of request: UnsafeMutablePointer<uv_work_t>?) -> Unmanaged<PoolWork> {
    guard let data = request?.pointee.data else {
      preconditionFailure("libuv called back for work that nothing owns")
    }
    return Unmanaged<PoolWork>.fromOpaque(data)
  }

  private static func finish(_ request: UnsafeMutablePointer<uv_work_t>?) {
    let this = owner(of: request).takeRetainedValue()
    WorkerPool.noteDone()
    let completion = this.completion
    this.completion = nil
    this.place.pool.finished(this)
    completion?()
  }
}
