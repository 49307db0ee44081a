import CLibUV

/// A thread of libuv's pool while one place has it (`uv_work_t`): it runs the work of that place,
/// one piece after the other, until none waits there or the work of other places has waited for
/// long enough.
///
/// A thread that goes on by itself is woken once for many pieces, and so is the loop.
final class PoolRunner: Request<uv_work_t> {
  private unowned let pool: Pool
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
    super.init(uv_work_t())
  }

  /// Asks libuv for a thread (`uv_queue_work`).
  ///
  /// - Parameter first: what the thread begins with.
  func begin(_ first: Unmanaged<PoolWork>, in place: PoolPlace) {
    self.place = place
    work = first
    submit { [loop = pool.loopPointer] request in
      uv_queue_work(
        loop, request, { PoolRunner.owner(of: $0, as: PoolRunner.self).run() },
        { Request.finish($0, $1) })
    } then: { [unowned self] status in
      // It refuses a request without a function only; what is cancelled has come to its end, too.
      precondition(status == 0 || status == UV_ECANCELED.rawValue, "uv_queue_work: \(status)")
      didEnd()
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
}
