import UV

/// Spreads starts over the turns of the loop: a fork costs a part of a millisecond, and a thousand at once
/// would keep everybody else waiting.
final class SpawnQueue {
  private let timer: Timer
  private var waiting: [() -> Void] = []
  private var next = 0
  private var isScheduled = false
  private var isHeld = false
  private static let budget: Duration = .milliseconds(4)

  init(on loop: Loop) throws(UVError) {
    timer = try Timer(on: loop)
  }

  /// Runs `start` in this turn or a later one, in the order of the calls; never inside this call.
  func add(_ start: @escaping () -> Void) {
    waiting.append(start)
    schedule()
  }

  /// Keeps what is added from starting until `release`.
  func hold() {
    isHeld = true
  }

  func release() {
    isHeld = false
    if next < waiting.count { schedule() }
  }

  func close() {
    waiting = []
    next = 0
    timer.close()
  }

  private func schedule() {
    guard !isScheduled, !isHeld else { return }
    isScheduled = true
    timer.start(after: .zero) { [self] in drain() }
  }

  private func drain() {
    isScheduled = false
    let end = SystemProcess.monotonicClock + Self.budget
    while next < waiting.count {
      let start = waiting[next]
      next += 1
      start()
      if SystemProcess.monotonicClock >= end { break }
    }
    if next < waiting.count {
      schedule()
    } else {
      waiting = []
      next = 0
    }
  }
}
