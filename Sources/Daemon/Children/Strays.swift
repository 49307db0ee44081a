import UV

/// The orphans that came to the supervisor, and whose they are: what leaves its process group, or its cgroup, is
/// found by them.
///
/// A look costs about a tenth of a microsecond for each child of the supervisor, and some ten for each
/// orphan. So one look serves all that ask in the same moment.
final class Strays {
  private let loop: Loop
  /// Of the orphans that were seen last.
  private var marks = MarkReader()
  private var latest = Look()
  /// Since when the orphans are seen of which nothing can be read, by pid, on the monotonic clock.
  private var hiddenSince: [Int32: Duration] = [:]
  /// Whether that was in this turn of the loop.
  private var isRecent = false
  private let nextTurn: Timer
  /// Orphans that fork and end all the time could go on for ever.
  private static let mostListings = 8

  /// An orphan that is alive.
  struct Stray {
    let record: ProcessRecord
    /// What the run that it comes from has put into its environment.
    let mark: VariableReading
  }

  /// An orphan in the middle of an `execve`, which keeps next to nothing but these from being read. It may hang there, with
  /// a file system that does not answer.
  struct Hidden {
    let pid: Int32
    let session: Int32
    /// Its cgroup, as `/proc/PID/cgroup` has it; nil where that cannot be told.
    let group: String?
    /// Since when it is seen, on the monotonic clock.
    let since: Duration
  }

  /// What was seen at one moment.
  struct Look {
    var orphans: [Stray] = []
    var hidden: [Hidden] = []
    /// Whether that is everything: not where something could not be read.
    var isComplete = true
    /// Whether all of it could be read.
    var isReadable: Bool { isComplete && hidden.isEmpty }
  }

  init(on loop: Loop) throws(UVError) {
    self.loop = loop
    nextTurn = try Timer(on: loop)
    nextTurn.unref()
  }

  func close() { nextTurn.close() }

  /// The orphans of this moment.
  ///
  /// An orphan may fork and end between the listing and the look at it, and its child is not in that listing. So
  /// they are listed again as long as one has ended that was not known to have.
  func look() -> Look {
    var ended: Set<Int32> = []
    var isSettled = false
    var listings = 0
    repeat {
      latest = Look()
      isSettled = true
      listings += 1
      do throws(UVError) {
        for pid in try SystemProcess.orphans(on: loop) {
          switch read(pid) {
          case .alive(let stray): latest.orphans.append(stray)
          case .hidden(let hidden): latest.hidden.append(hidden)
          case .ended: if ended.insert(pid).inserted { isSettled = false }
          }
        }
      } catch {
        latest.isComplete = false
      }
    } while !isSettled && listings < Self.mostListings
    if !isSettled { latest.isComplete = false }
    marks.keep(only: latest.orphans.map(\.record))
    hiddenSince = latest.hidden.reduce(into: [:]) { $0[$1.pid] = $1.since }
    isRecent = true
    nextTurn.start(after: .zero) { [self] in isRecent = false }
    return latest
  }

  private enum Reading {
    case alive(Stray)
    case hidden(Hidden)
    case ended
  }

  private func read(_ pid: Int32) -> Reading {
    do throws(UVError) {
      guard let record = try ProcessRecord.read(pid), !record.hasEnded else { return .ended }
      let mark = marks.read(record)
      return mark == .ended ? .ended : .alive(Stray(record: record, mark: mark))
    } catch {
      // It may be there, so nothing is said of its end.
      guard error.name == "EAGAIN" else {
        latest.isComplete = false
        return .ended
      }
      return .hidden(
        Hidden(
          pid: pid, session: SystemProcess.session(of: pid),
          group: CgroupSearch.group(of: pid),
          since: hiddenSince[pid] ?? SystemProcess.monotonicClock))
    }
  }

  /// The orphans of this turn of the loop: one look serves the many signals of a shutdown. A run that has ended since an
  /// earlier turn may have left some that were not seen then.
  func recent() -> Look { isRecent ? latest : look() }
}
