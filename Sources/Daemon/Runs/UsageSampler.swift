package import Supervision
package import UV

/// Reads what the processes use when a client asks, and not before, so that it wakes no process up.
package final class UsageSampler {
  /// What is known.
  package private(set) var samples: UsageSamples

  private let scanner: ProcessScanner
  private let clock: () -> Duration
  /// Those that wait for the reading that is under way; nil if there is none.
  private var waiting: [() -> Void]?

  /// A meter that knows nothing.
  ///
  /// - Parameters:
  ///   - scanner: reads the processes that no cgroup tells of.
  ///   - clock: the time on the monotonic clock.
  package init(_ scanner: ProcessScanner, clock: @escaping () -> Duration) {
    self.scanner = scanner
    self.clock = clock
    samples = UsageSamples(clock: clock)
  }

  /// A run has begun.
  package func began(_ id: RunID, _ subject: UsageReader.Subject) { samples.began(id, subject) }

  /// Nothing of a run is left (``UsageSamples/ended(_:cpuTime:)``).
  package func ended(_ id: RunID, cpuTime: Duration) { samples.ended(id, cpuTime: cpuTime) }

  /// A process was removed: what it has used goes with it.
  package func forget(_ process: String) { samples.forget(process) }

  /// Has what is known in ``samples`` brought up to date.
  ///
  /// - Parameter then: called once: at once where what is known is good enough or cgroups tell all
  ///   of it, otherwise when the processes have been read, unless the scanner is closed before.
  package func update(then: @escaping () -> Void) {
    guard waiting == nil else {
      waiting?.append(then)
      return
    }
    guard let runs = samples.begin() else { return then() }
    let began = clock()
    let reading = UsageReader.Reading(runs.map(\.subject))
    guard !reading.processes.isEmpty else {
      samples.note(reading.completed(with: ProcessScan()), of: runs, since: began)
      return then()
    }
    waiting = [then]
    scanner.readRecords(of: reading.processes) { [weak self] scan in
      guard let self, let waiting else { return }
      self.waiting = nil
      samples.note(reading.completed(with: scan), of: runs, since: began)
      for then in waiting { then() }
    }
  }
}
