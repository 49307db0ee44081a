import API
import Basics
import UV

/// Shows work on the pool that has waited for too long, for a thread or for its disk or server, as
/// a problem. Its timer runs only while there is such work.
final class PoolWatch {
  private let limit: Duration
  private let interval: Duration
  private let pool: Pool
  private let problems: Problems
  private let timer: Timer

  /// - Parameters:
  ///   - limit: a wait is shown from then on.
  ///   - interval: how often it is looked whether one is over.
  init(
    on loop: Loop, problems: Problems, limit: Duration = .seconds(5),
    interval: Duration = .seconds(1)
  ) throws(UVError) {
    self.limit = limit
    self.interval = interval
    pool = loop.pool
    self.problems = problems
    timer = try Timer(on: loop)
    timer.unref()
    pool.onBusy = { [weak self] in self?.begin() }
    if pool.isBusy { begin() }
  }

  func close() {
    pool.onBusy = nil
    timer.close()
  }

  private func begin() {
    if !timer.isActive { look(after: limit) }
  }

  private func look(after delay: Duration) {
    timer.start(after: delay) { [self] in look() }
  }

  private func look() {
    pool.beginWaiting()
    let waits = pool.waits(longerThan: limit)
    problems.replace(
      .poolWait,
      with: waits.map { wait in
        let place = wait.place.readable
        guard place != PoolLane.memoryOfProcesses else {
          return (
            place,
            "a process does not let itself be looked at: its memory is locked, mostly for a file system that does not answer; whose it is cannot be told"
          )
        }
        return (
          place,
          "work on '\(place)' has waited for more than \(limit.text) for an answer; look whether its disk or server works"
        )
      })
    if !waits.isEmpty {
      look(after: interval)
    } else if pool.isBusy {
      look(after: max(interval, limit - pool.longestWait))
    }
  }
}
