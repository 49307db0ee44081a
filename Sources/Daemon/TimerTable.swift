import Supervision
import UV

/// The supervisor's timers: one handle for each that is armed, closed when it is disarmed or has
/// fired.
final class TimerTable {
  private let loop: Loop
  private var timers: [TimerID: Timer] = [:]
  /// Called for each timer that is due.
  var onFired: ((TimerID) -> Void)?

  init(on loop: Loop) {
    self.loop = loop
  }

  /// Fires `onFired` once after `delay`; a timer of the same name is replaced.
  func arm(_ id: TimerID, after delay: Duration) {
    disarm(id)
    do throws(UVError) {
      let timer = try Timer(on: loop)
      timers[id] = timer
      timer.start(after: delay) { [self] in
        disarm(id)
        onFired?(id)
      }
    } catch {
      // uv_timer_init has no way to fail but for a broken loop, and then nothing works.
      preconditionFailure("the timer \(id) cannot be armed: \(error)")
    }
  }

  func disarm(_ id: TimerID) {
    timers.removeValue(forKey: id)?.close()
  }

  func close() {
    for timer in timers.values { timer.close() }
    timers = [:]
  }
}
