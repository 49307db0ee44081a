import UV

/// The orphans that came to the supervisor, and whose they are: what leaves its process group, or
/// its cgroup, is found by them.
///
/// What an orphan is of is read on the pool: it may hang in an `execve(2)`, or in the middle of a
/// change of its memory, and keep whatever reads of it waiting. It is hidden until it has been
/// read. A look itself costs about a microsecond for each orphan, and serves all that ask in the
/// same moment.
final class OrphanTracker {
  private let context: DaemonContext
  private let scanner: ProcessScanner
  private let marks = EnvironmentMemory()
  private var isReading = false
  private var latest = Look()
  /// What was read of orphans, by pid: a child keeps its number until it is reaped.
  private var known: [Int32: Known] = [:]
  /// Since when it was tried to read orphans whose marks cannot be told, by pid, on the monotonic
  /// clock.
  private var unclearSince: [Int32: Duration] = [:]
  /// The cgroups of orphans at this look, by pid.
  private var groups: [Int32: String?] = [:]
  /// The marks of runs that are over, and no longer wait for an orphan.
  private var givenUp: Set<String> = []
  /// Those to be read, and those that are.
  private var unread: Set<Int32> = []
  private var underWay: Set<Int32> = []
  private var waiting: [() -> Void] = []
  /// Whether that was in this turn of the loop.
  private var isRecent = false
  private let nextTurn: Timer
  /// Looks for those that were given up.
  private let lateTimer: Timer
  private static let lateInterval: Duration = .seconds(1)
  /// Called when more can be told of orphans than before.
  var onRead: (() -> Void)?
  /// Called for orphans that have turned out to be of runs that are over.
  var onLate: ((_ pids: [Int32]) -> Void)?
  /// Orphans that fork and end all the time could go on for ever.
  private static let mostListings = 8

  private struct Known {
    let startTime: UInt64
    let mark: VariableReading
  }

  /// An orphan that is alive.
  struct Orphan {
    let pid: Int32
    /// In clock ticks since the boot.
    let startTime: UInt64
    let session: Int32
    /// What the run that it comes from has put into its environment.
    let mark: VariableReading
    /// Since when it was tried in vain to read that, on the monotonic clock; nil where it can be
    /// told.
    let unclearSince: Duration?
  }

  /// An orphan that was not read yet, or cannot be: it hangs with a file system that does not
  /// answer.
  struct Hidden {
    let pid: Int32
    let session: Int32
    /// Since when it was tried in vain, on the monotonic clock; nil where it is about to be read.
    let unclearSince: Duration?
  }

  /// What was seen at one moment.
  struct Look {
    var orphans: [Orphan] = []
    var hidden: [Hidden] = []
    /// Whether that is everything: not where something could not be read.
    var isComplete = true
    /// Whether all of it could be read.
    var isReadable: Bool { isComplete && hidden.isEmpty }
  }

  init(_ context: DaemonContext, _ scanner: ProcessScanner) throws(UVError) {
    self.context = context
    self.scanner = scanner
    nextTurn = try Timer(on: context.loop)
    nextTurn.unref()
    lateTimer = try Timer(on: context.loop)
    lateTimer.unref()
  }

  /// Now, on the clock that tells since when an orphan cannot be read.
  var now: Duration { context.now }

  /// Now, in clock ticks since the boot, as the starts of orphans are told.
  var bootTicks: UInt64 { context.clock.bootTicks() }

  func close() {
    nextTurn.close()
    lateTimer.close()
    waiting = []
  }

  /// The orphans of this moment.
  ///
  /// An orphan may fork and end between the listing and the look at it, and its child is not in
  /// that listing. So they are listed again as long as one has ended that was not known to have.
  func look() -> Look {
    var ended: Set<Int32> = []
    var isSettled = false
    var listings = 0
    repeat {
      latest = Look()
      isSettled = true
      listings += 1
      do throws(UVError) {
        for pid in try ProcessTable.orphans(on: context.loop) {
          if ProcessTable.hasEnded(child: pid) {
            if ended.insert(pid).inserted { isSettled = false }
          } else {
            note(pid)
          }
        }
      } catch {
        latest.isComplete = false
      }
    } while !isSettled && listings < Self.mostListings
    if !isSettled { latest.isComplete = false }
    unclearSince = latest.hidden.reduce(into: [:]) { $0[$1.pid] = $1.unclearSince }
    for orphan in latest.orphans { unclearSince[orphan.pid] = orphan.unclearSince }
    groups = [:]
    isRecent = true
    nextTurn.start(after: .zero) { [self] in isRecent = false }
    read()
    return latest
  }

  private func note(_ pid: Int32) {
    let session = ProcessTable.session(of: pid)
    let since = unclearSince[pid]
    guard let known = known[pid] else {
      unread.insert(pid)
      latest.hidden.append(Hidden(pid: pid, session: session, unclearSince: since))
      return
    }
    if !known.mark.isFinal { unread.insert(pid) }
    latest.orphans.append(
      Orphan(
        pid: pid, startTime: known.startTime, session: session, mark: known.mark,
        unclearSince: known.mark == .unknown ? since : nil))
  }

  /// The orphans of this turn of the loop: one look serves the many signals of a shutdown. A run
  /// that has ended since an earlier turn may have left some that were not seen then.
  func recent() -> Look { isRecent ? latest : look() }

  /// The cgroup of an orphan, as `/proc/PID/cgroup` has it; nil where that cannot be told.
  func group(of pid: Int32) -> String? {
    if let group = groups[pid] { return group }
    let group = CgroupSearch.group(of: pid)
    groups[pid] = .some(group)
    return group
  }

  /// Calls a closure once, later, when those have been read that were hidden at the last look.
  func whenRead(_ body: @escaping () -> Void) {
    if isReading { waiting.append(body) }
  }

  /// A run is over, and does not wait for orphans that cannot be told. Those that turn out to be of
  /// it are told: as long as there are some that cannot, what these have started included.
  func giveUp(_ mark: String) {
    givenUp.insert(mark)
    guard !lateTimer.isActive else { return }
    lateTimer.start(after: Self.lateInterval, repeating: Self.lateInterval) { [unowned self] in
      lookForLate()
    }
  }

  private func lookForLate() {
    let look = look()
    let late = look.orphans.filter { $0.mark.text.map(givenUp.contains) ?? false }.map(\.pid)
    if !late.isEmpty { return onLate?(late) ?? () }
    guard look.isReadable, look.orphans.allSatisfy({ $0.mark != .unknown }) else { return }
    givenUp = []
    lateTimer.stop()
  }

  /// Children have been reaped: their numbers may be given away.
  func reaped(_ pids: [Int32]) {
    for pid in pids {
      known[pid] = nil
      unclearSince[pid] = nil
      unread.remove(pid)
      // What is being read of it may be of a later process.
      underWay.remove(pid)
    }
  }

  private func read() {
    guard !unread.isEmpty, !isReading else { return }
    underWay = unread
    unread = []
    isReading = true
    scanner.scan(Array(underWay), for: RunState.markerName, marks) { [unowned self] scan in
      isReading = false
      let hasNews = take(scan)
      underWay = []
      // Those who came meanwhile.
      read()
      if hasNews {
        isRecent = false
        onRead?()
      }
      guard !isReading else { return }
      let waiting = self.waiting
      self.waiting = []
      for body in waiting { body() }
    }
  }

  /// - Returns: whether more can be told than before.
  private func take(_ scan: ProcessScan) -> Bool {
    var hasNews = false
    let now = context.now
    var unseen = underWay
    for found in scan.found where underWay.contains(found.record.pid) {
      let record = found.record
      unseen.remove(record.pid)
      let before = known[record.pid]
      known[record.pid] = Known(startTime: record.startTime, mark: found.variable)
      if before?.mark != found.variable { hasNews = true }
      unclearSince[record.pid] =
        found.variable == .unknown ? unclearSince[record.pid] ?? now : nil
    }
    // Those that are hidden, and what is another user's where `/proc` shows nothing of that. What
    // has ended is not looked for again.
    for pid in unseen { unclearSince[pid] = unclearSince[pid] ?? now }
    marks.keep(
      only: Set(known.map { ProcessTable.Member(pid: $0.key, startTime: $0.value.startTime) }))
    return hasNews
  }
}
