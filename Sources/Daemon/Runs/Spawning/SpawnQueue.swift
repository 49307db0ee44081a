import Supervision
import UV

/// The starts that are still to be made. They are spread over the turns of the loop, and only some
/// are under way at a time: a thousand at once would keep all else waiting, and take a thousand
/// times the descriptors of a start. One that takes long, because a file system does not answer,
/// does not count: others go on beside it.
final class SpawnQueue {
  private let loop: Loop
  private let clock: Clock
  private let timer: Timer
  private var waiting: [(id: RunID, start: (Place) -> Void)] = []
  private var underWay = 0
  private var isScheduled = false
  /// Processes that may not start yet, and how many reasons there are for it.
  private var held: [String: Int] = [:]
  private static let budget: Duration = .milliseconds(4)
  /// How many starts are under way at a time: some for the fork server to do while the loop does
  /// others.
  private static let mostUnderWay = 16

  /// One of those that are under way, until it says that it is no more.
  final class Place {
    private weak var queue: SpawnQueue?
    private var timer: Timer?

    init(_ queue: SpawnQueue) {
      self.queue = queue
      queue.underWay += 1
    }

    /// The start is done, or takes long.
    func leave() {
      timer?.close()
      timer = nil
      guard let queue else { return }
      self.queue = nil
      queue.underWay -= 1
      queue.schedule()
    }

    /// The same after a while, if the start is not done by then.
    func leave(after time: Duration) throws(UVError) {
      guard let queue else { return }
      let timer = try Timer(on: queue.loop)
      self.timer = timer
      timer.start(after: time) { [unowned self] in leave() }
    }

    deinit { leave() }
  }

  init(on loop: Loop, clock: Clock) throws(UVError) {
    self.loop = loop
    self.clock = clock
    timer = try Timer(on: loop)
  }

  /// Runs `start` in this turn or a later one, in the order of the calls; never inside this call.
  /// It gets its place among those that are under way, which it keeps until it lets go of it.
  func add(_ id: RunID, _ start: @escaping (Place) -> Void) {
    waiting.append((id, start))
    schedule()
  }

  /// Puts something else in the place of a start that has not been made: it comes when that would
  /// have come, so not before the process is released.
  func replace(_ id: RunID, _ body: @escaping () -> Void) {
    guard let index = waiting.firstIndex(where: { $0.id == id }) else { return }
    waiting[index].start = { _ in body() }
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
    // A place may go with what holds it, and looks at the queue then.
    let dropped = waiting
    waiting = []
    timer.close()
    withExtendedLifetime(dropped) {}
  }

  private func schedule() {
    guard !isScheduled, !waiting.isEmpty else { return }
    isScheduled = true
    timer.start(after: .zero) { [self] in drain() }
  }

  private func drain() {
    isScheduled = false
    let end = clock.monotonic() + Self.budget
    // A start may take others out of the queue, so it is looked at again after each.
    while underWay < Self.mostUnderWay,
      let index = waiting.firstIndex(where: { held[$0.id.process] == nil })
    {
      waiting.remove(at: index).start(Place(self))
      if clock.monotonic() >= end { return schedule() }
    }
  }
}
