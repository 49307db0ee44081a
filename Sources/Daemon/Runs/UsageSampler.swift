package import Supervision
package import UV

/// Reads what the processes use when a client asks, and not before, so that it wakes no process up.
package final class UsageSampler {
  /// What is known.
  package private(set) var samples: UsageSamples

  private let scanner: ProcessScanner
  private let clock: () -> Duration
  /// The reading that is under way.
  private var current: Look?

  private struct Look {
    let hasDetails: Bool
    /// Those that wait for it, and whether details are what they wait for.
    var waiting: [(wantsDetails: Bool, then: () -> Void)]
  }

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
  /// - Parameters:
  ///   - wantsDetails: whether tasks, descriptors and disks matter, which cost more to read.
  ///   - then: called once: at once where what is known is good enough or cgroups tell all of it,
  ///     otherwise when the processes have been read, unless the scanner is closed before.
  package func update(wantsDetails: Bool = false, then: @escaping () -> Void) {
    guard current == nil else {
      current?.waiting.append((wantsDetails, then))
      return
    }
    if wantsDetails, let runs = samples.begin(hasDetails: true) {
      look(at: runs, Look(hasDetails: true, waiting: [(true, then)]))
    } else if let runs = samples.begin() {
      look(at: runs, Look(hasDetails: false, waiting: [(false, then)]))
    } else {
      then()
    }
  }

  private func look(at runs: [UsageSamples.Run], _ look: Look) {
    let began = clock()
    let reading = UsageReader.Reading(runs.map(\.subject), hasDetails: look.hasDetails)
    current = look
    guard !reading.processes.isEmpty else {
      return note(reading.completed(with: ProcessScan()), of: runs, since: began)
    }
    scanner.readRecords(of: reading.processes, hasDetails: look.hasDetails) { [weak self] scan in
      self?.note(reading.completed(with: scan), of: runs, since: began)
    }
  }

  private func note(
    _ readings: [ResourceUsage?], of runs: [UsageSamples.Run], since began: Duration
  ) {
    guard let look = current else { return }
    current = nil
    samples.note(readings, of: runs, since: began, hasDetails: look.hasDetails)
    for (wantsDetails, then) in look.waiting {
      if wantsDetails, !look.hasDetails {
        update(wantsDetails: true, then: then)
      } else {
        then()
      }
    }
  }
}
