import CLibUV

/// A thread of libuv's pool while one place has it (`uv_work_t`): it runs the work of that place, one piece after the other,
/// until none waits there or the work of other places has waited for long enough.
///
/// A thread that goes on by itself is woken once for many pieces, and so is the loop.
final class PoolRunner {
  private unowned let pool: Pool
  private let request: UnsafeMutablePointer<uv_work_t>
  /// Whose work it runs; changed on the loop only, while no thread runs.
  private(set) var place: PoolPlace?
  /// When its thread began (`uv_hrtime`), in nanoseconds; used on that thread only.
  private(set) var beginning: UInt64 = 0
  /// What the thread runs: under the pool's lock.
  var work: Unmanaged<PoolWork>?
  /// Whether the loop was given up meanwhile: under the pool's lock.
  var isLeft = false

  /// When that was submitted, on the loop's clock: under the pool's lock.
  var since: Duration? { work?._withUnsafeGuaranteedRef { $0.since } }

  init(in pool: Pool) {
    self.pool = pool
    request = .allocate(capacity: 1)
    request.initialize(to: uv_work_t())
  }

  deinit {
    request.deallocate()
  }

  /// Asks libuv for a thread (`uv_queue_work`).
  ///
  /// - Parameter first: what the thread begins with.
  func begin(_ first: Unmanaged<PoolWork>, in place: PoolPlace) {
    self.place = place
    work = first
    request.pointee.data = Unmanaged.passRetained(self).toOpaque()
    let result = uv_queue_work(
      pool.loopPointer, request, { PoolRunner.owner(of: $0).takeUnretainedValue().run() },
      { request, _ in PoolRunner.owner(of: request).takeRetainedValue().didEnd() })
    // It refuses a request without a function only.
    precondition(result == 0, "uv_queue_work: \(result)")
  }

  /// Gives up what libuv has not begun (`uv_cancel`), with the work that it was to begin with.
  func cancel() {
    // EBUSY: a thread has it.
    _ = UnsafeMutableRawPointer(request).withMemoryRebound(to: uv_req_t.self, capacity: 1) {
      uv_cancel($0)
    }
  }

  /// On its thread.
  private func run() {
    beginning = uv_hrtime()
    while let work {
      work._withUnsafeGuaranteedRef { $0.execute() }
      pool.exchangeWork(of: self)
    }
  }

  private func didEnd() {
    guard let place else { preconditionFailure("a runner ends once") }
    self.place = nil
    pool.didEnd(self, in: place)
  }

  private static func owner(of request: UnsafeMutablePointer<uv_work_t>?) -> Unmanaged<PoolRunner> {
    guard let data = request?.pointee.data else {
      preconditionFailure("libuv called back for a runner that nothing owns")
    }
    return Unmanaged<PoolRunner>.fromOpaque(data)
  }
}
