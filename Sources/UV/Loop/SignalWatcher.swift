import CLibUV

/// Calls a closure, from the loop, for each signal of a kind (`uv_signal_t`). Signals that come
/// faster than the loop turns may be counted as one.
package final class SignalWatcher: Handle {
  private var body: (() -> Void)?

  /// Watches at once (`uv_signal_start`).
  ///
  /// - Throws: `EINVAL` for `SIGKILL`, `SIGSTOP` and numbers that are no signal.
  package init(on loop: Loop, signal: Int32, _ body: @escaping () -> Void) throws(UVError) {
    self.body = body
    try super.init(uv_signal_t.self, on: loop, "watch for signals") {
      uv_signal_init(loop.pointer, $0)
    }
    let result = uv_signal_start(
      pointer(as: uv_signal_t.self),
      { handle, _ in Handle.owner(of: handle, as: SignalWatcher.self).body?() }, signal)
    guard result == 0 else {
      close()
      throw UVError(code: result, operation: "watch for signal", subject: "\(signal)")
    }
  }

  override func releaseClosures() {
    body = nil
  }
}
