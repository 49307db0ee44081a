import UV

/// Something that a start waits for and that cannot be taken back: what comes of it too late is
/// dropped.
final class StartStep {
  private var timer: Timer?
  /// Whether its result is not wanted any more, or is there.
  private(set) var isOver = false

  /// Limits the time that it is waited for.
  func limit(to time: Duration, on loop: Loop, onTimeout: @escaping () -> Void) throws(UVError) {
    let timer = try Timer(on: loop)
    self.timer = timer
    timer.start(after: max(.zero, time)) { [self] in
      end()
      onTimeout()
    }
  }

  /// It is waited for no longer.
  func end() {
    isOver = true
    timer?.close()
    timer = nil
  }
}
