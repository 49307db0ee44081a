import UV

/// The orphans that came to the supervisor, and whose they are: where there are no cgroups, what leaves its
/// process group is found by them.
///
/// A look costs about a tenth of a microsecond for each child of the supervisor, and some ten for each
/// orphan. So one look serves all that ask in the same moment.
final class Strays {
  private let loop: Loop
  /// The marks of the orphans that were seen last; an environment is read once.
  private var marks: [SystemProcess.Member: String?] = [:]
  private var latest: [Stray] = []
  private var latestAt = Duration.zero
  private static let freshness: Duration = .milliseconds(20)

  /// An orphan that is alive.
  struct Stray {
    let record: ProcessRecord
    /// What the run that it comes from has put into its environment.
    let mark: String?
  }

  init(on loop: Loop) {
    self.loop = loop
  }

  /// The orphans of this moment.
  func look() -> [Stray] {
    latest = SystemProcess.orphans(on: loop).compactMap { pid in
      guard let record = ProcessRecord(pid), !record.hasEnded else { return nil }
      let mark =
        marks[record.member] ?? SystemProcess.variable(RunState.markerName, of: record.pid)
      return Stray(record: record, mark: mark)
    }
    marks = Dictionary(latest.map { ($0.record.member, $0.mark) }) { first, _ in first }
    latestAt = SystemProcess.monotonicClock
    return latest
  }

  /// The orphans of this moment, or a few milliseconds ago: for the many signals of a shutdown.
  func recent() -> [Stray] {
    SystemProcess.monotonicClock - latestAt < Self.freshness ? latest : look()
  }
}
