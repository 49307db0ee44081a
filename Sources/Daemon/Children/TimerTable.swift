import Supervision
import UV

/// The supervisor's timers: one handle for each that is armed, closed when it is disarmed or has fired.
final class TimerTable {
  private let loop: Loop
  private var timers: [TimerID: Timer] = [:]
  /// Called for each timer that is due.
  var onFired: ((TimerID) -> Void)?

  init(on loop: Loop) {
    self.loop = loop
  }

  /// Fires `onFired` once after `delay`; a timer of the same name is replaced.
  func arm(_ id: TimerID, after delay: Duration) throws(UVError) {
    disarm(id)
    let timer = try Timer(on: loop)
    timers[id] = timer
    timer.start(after: delay) { [self] in
      disarm(id)
      onFired?(id)
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
