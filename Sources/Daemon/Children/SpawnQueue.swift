import Supervision
import UV

/// The starts that are still to be made. They are spread over the turns of the loop: a fork costs a part
/// of a millisecond, and a thousand at once would keep everybody else waiting.
final class SpawnQueue {
  private let timer: Timer
  private var waiting: [(id: RunID, start: () -> Void)] = []
  private var isScheduled = false
  /// Processes that may not start yet, and how many reasons there are for it.
  private var held: [String: Int] = [:]
  private static let budget: Duration = .milliseconds(4)

  init(on loop: Loop) throws(UVError) {
    timer = try Timer(on: loop)
  }

  /// Runs `start` in this turn or a later one, in the order of the calls; never inside this call.
  func add(_ id: RunID, _ start: @escaping () -> Void) {
    waiting.append((id, start))
    schedule()
  }

  /// Puts something else in the place of a start that has not been made: it comes when that would have come,
  /// so not before the process is released.
  func replace(_ id: RunID, _ body: @escaping () -> Void) {
    guard let index = waiting.firstIndex(where: { $0.id == id }) else { return }
    waiting[index].start = body
  }

  /// Keeps a process from starting until `release` has been called as often.
  func hold(_ process: String) {
    held[process, default: 0] += 1
  }

  func release(_ process: String) {
    guard let count = held[process] else { return }
    held[process] = count > 1 ? count - 1 : nil
    schedule()
  }

  func close() {
    waiting = []
    timer.close()
  }

  private func schedule() {
    guard !isScheduled, !waiting.isEmpty else { return }
    isScheduled = true
    timer.start(after: .zero) { [self] in drain() }
  }

  private func drain() {
    isScheduled = false
    let end = SystemProcess.monotonicClock + Self.budget
    // A start may take others out of the queue, so it is looked at anew after each.
    while let index = waiting.firstIndex(where: { held[$0.id.process] == nil }) {
      waiting.remove(at: index).start()
      if SystemProcess.monotonicClock >= end { return schedule() }
    }
  }
}
