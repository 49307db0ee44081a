import Basics
import CLibUV

/// A timer (`uv_timer_t`). It may fire late, never early.
///
/// Where the loop is late, because it was held up or the whole process was stopped, it may be that
/// what a timer is the limit for has come in time and only was not read yet. So a timer that would
/// fire late lets a turn of the loop go first.
package final class Timer: Handle {
  private var body: (() -> Void)?
  private var isFiring = false
  /// When it is to fire, on the clock of `uv_hrtime`; nil if it does not wait any longer for a
  /// loop that is late.
  private var due: UInt64?
  /// What is late: a turn of the loop takes less.
  private static let lateness: UInt64 = 10_000_000

  /// Makes a timer that is not armed (`uv_timer_init`).
  package init(on loop: Loop) throws(UVError) {
    try super.init(uv_timer_t.self, on: loop, "create a timer") {
      uv_timer_init(loop.pointer, $0)
    }
  }

  /// Arms the timer, or arms it again if it was armed (`uv_timer_start`).
  ///
  /// - Parameters:
  ///   - delay: from now; what is less than a millisecond rounds up. Zero fires in the loop's
  ///     next turn; out of the timer's own callback it is a millisecond, so that the loop can
  ///     read and write between two firings.
  ///   - period: fires again and again with this distance, at least a millisecond.
  ///   - body: dropped when the timer stops, closes, or has fired for the last time.
  package func start(
    after delay: Duration, repeating period: Duration? = nil, _ body: @escaping () -> Void
  ) {
    guard !isClosing else { return }
    self.body = body
    due = delay > .zero && period == nil ? uv_hrtime() + delay.wholeNanoseconds : nil
    arm(timeout(after: delay), repeating: period.map { max(1, $0.wholeMilliseconds()) } ?? 0)
  }

  private func arm(_ timeout: UInt64, repeating period: UInt64 = 0) {
    let result = uv_timer_start(
      pointer(as: uv_timer_t.self), { Handle.owner(of: $0, as: Timer.self).fire() }, timeout,
      period)
    precondition(result == 0, "uv_timer_start refuses only closed timers")
  }

  /// libuv counts from the loop's clock, which stands still during a turn and is cut to whole
  /// milliseconds: counted from there alone, a timer could fire early.
  private func timeout(after delay: Duration) -> UInt64 {
    guard delay > .zero else { return isFiring ? 1 : 0 }
    let due = delay.wholeMilliseconds(after: uv_hrtime())
    let now = uv_now(pointer(as: uv_timer_t.self).pointee.loop)
    return due > now ? due - now : 1
  }

  private func fire() {
    if let due, uv_hrtime() > due + Self.lateness {
      self.due = nil
      // Zero would be in this turn still.
      return arm(1)
    }
    let body = self.body
    if uv_is_active(handle) == 0 { self.body = nil }
    isFiring = true
    body?()
    isFiring = false
  }

  /// Disarms the timer (`uv_timer_stop`).
  package func stop() {
    guard !isClosing else { return }
    uv_timer_stop(pointer(as: uv_timer_t.self))
    body = nil
  }

  /// Whether the timer is armed.
  package var isActive: Bool { isHandleActive }

  override func releaseClosures() {
    body = nil
  }
}

extension Duration {
  /// Nanoseconds, rounded up: none for a negative duration, a century at most, so that sums of
  /// two cannot overflow.
  fileprivate var wholeNanoseconds: UInt64 {
    UInt64(min(max(self, .zero), .seconds(3_155_760_000)).nanosecondsRoundedUp)
  }

  /// Whole milliseconds, rounded up, `start` nanoseconds included.
  fileprivate func wholeMilliseconds(after start: UInt64 = 0) -> UInt64 {
    (start + wholeNanoseconds + 999_999) / 1_000_000
  }
}
