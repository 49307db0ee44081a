import CLibUV

/// Calls a closure in each turn of the loop, after the timers and before the loop waits for
/// something to happen (`uv_prepare_t`). While it is on, it keeps the loop running, unless
/// ``unref()`` is called.
final class Prepare: Handle {
  private var body: (() -> Void)?

  /// Makes one that is off (`uv_prepare_init`).
  init(on loop: Loop) {
    do throws(UVError) {
      try super.init(uv_prepare_t.self, on: loop, "watch the turns of a loop") {
        uv_prepare_init(loop.pointer, $0)
      }
    } catch {
      preconditionFailure("uv_prepare_init never fails: \(error)")
    }
  }

  /// Calls the closure from now on (`uv_prepare_start`).
  ///
  /// - Parameter body: dropped by ``stop()``.
  func start(_ body: @escaping () -> Void) {
    guard !isClosing else { return }
    self.body = body
    let result = uv_prepare_start(pointer(as: uv_prepare_t.self)) {
      Handle.owner(of: $0, as: Prepare.self).body?()
    }
    precondition(result == 0, "uv_prepare_start refuses only what has no callback")
  }

  /// Calls it no longer (`uv_prepare_stop`).
  func stop() {
    guard !isClosing else { return }
    uv_prepare_stop(pointer(as: uv_prepare_t.self))
    body = nil
  }

  override func releaseClosures() {
    body = nil
  }
}
