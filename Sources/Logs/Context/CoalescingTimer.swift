import UV

/// A moment some time from now that many logs wait for together, with one timer, which is there
/// only while one of them waits.
final class CoalescingTimer {
  private let loop: Loop
  private let delay: Duration
  private var waiting: [ObjectIdentifier: () -> Void] = [:]
  private var timer: Timer?

  init(loop: Loop, delay: Duration) {
    self.loop = loop
    self.delay = delay
  }

  /// Has `body` called when the delay is over, once; for each log the last one that was given.
  ///
  /// - Throws: when there is no timer to be had; `body` is not called then.
  func join(_ log: ObjectIdentifier, _ body: @escaping () -> Void) throws(UVError) {
    if timer == nil {
      let timer = try Timer(on: loop)
      self.timer = timer
      timer.start(after: delay) { [self] in fire() }
    }
    waiting[log] = body
  }

  /// Takes a log's wish back.
  func leave(_ log: ObjectIdentifier) {
    waiting[log] = nil
    if waiting.isEmpty { stop() }
  }

  private func fire() {
    let bodies = waiting.values
    waiting = [:]
    stop()
    for body in bodies { body() }
  }

  private func stop() {
    timer?.close()
    timer = nil
  }
}
