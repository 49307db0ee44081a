import Basics
import Supervision
import UV

/// Finds out whether something of a run is left when its leader has ended, and when that is gone
/// too.
///
/// A cgroup tells of its emptiness by itself. Without one, and if a process has left it, the end of
/// an orphan is a reason to look, and a poll stands in for those whose parent is no child of ours
/// either.
final class ScopeWatch {
  private let context: DaemonContext
  private let orphanTracker: OrphanTracker
  private let poll: Timer
  private let soon: Timer
  private var entries: [Entry] = []
  /// When the poll looks next, on the monotonic clock.
  private var pollAt = Duration.zero
  private static let shortestInterval: Duration = .milliseconds(50)
  private static let longestInterval: Duration = .seconds(1)
  /// What is unclear is mostly so for the moment of an `execve`, and must not delay the next run.
  private static let unclearInterval: Duration = .milliseconds(2)
  private static let unclearAge: Duration = .milliseconds(100)
  /// What has lasted long is looked at less often: a process that cannot be killed may be there for
  /// days.
  private static let intervalsInAge = 20
  /// How long it may stay unclear whether a process is left; the kernel is believed then.
  private static let patience: Duration = .seconds(1)

  private final class Entry {
    let scope: RunScope
    /// Takes whether a process is left; nil once that has been said.
    var onFound: ((_ remains: Bool) -> Void)?
    let onGone: () -> Void
    var emptiness: CgroupFileWatch?
    /// Whether it could not be told the last time.
    var isUnclear = false
    private let exitedAt: Duration

    init(
      _ scope: RunScope, exitedAt: Duration, onFound: @escaping (Bool) -> Void,
      onGone: @escaping () -> Void
    ) {
      self.scope = scope
      self.exitedAt = exitedAt
      self.onFound = onFound
      self.onGone = onGone
    }

    /// Whether only a poll can tell that there is something to be seen.
    var needsPoll: Bool {
      emptiness == nil || onFound != nil || scope.killedAt != nil || scope.isBeyondCgroup
    }

    /// How long it is there, or has been killed.
    func age(at now: Duration) -> Duration { now - max(exitedAt, scope.killedAt ?? .zero) }
  }

  init(_ context: DaemonContext, orphanTracker: OrphanTracker) throws(UVError) {
    self.context = context
    self.orphanTracker = orphanTracker
    poll = try Timer(on: context.loop)
    soon = try Timer(on: context.loop)
  }

  /// The leader of a run has been reaped.
  /// - Parameters:
  ///   - onFound: called once with whether something of the run is left; after this returns.
  ///   - onGone: called once when that has gone, if there was something.
  func leaderExited(
    _ scope: RunScope, onFound: @escaping (_ remains: Bool) -> Void,
    onGone: @escaping () -> Void
  ) {
    let entry = Entry(scope, exitedAt: context.now, onFound: onFound, onGone: onGone)
    entries.append(entry)
    // Those that end together are looked at together: one list of orphans serves them all.
    soon.start(after: .zero) { [self] in check() }
  }

  /// A run was sent `SIGKILL`: a process that was forked meanwhile is looked for, if its leader has
  /// ended. If not, that end will be told.
  func killed() {
    schedulePoll()
  }

  /// Looks at once; called when an orphan has been reaped.
  func check() {
    guard !entries.isEmpty else { return }
    look(entries.filter(\.needsPoll))
  }

  private func look(_ looked: [Entry]) {
    var seen: OrphanTracker.Look?
    func orphans() -> OrphanTracker.Look {
      if let seen { return seen }
      let look = orphanTracker.look()
      seen = look
      return look
    }
    var news: [() -> Void] = []
    let now = context.now
    for entry in looked {
      let remaining = entry.scope.remaining(orphans)
      entry.isUnclear = remaining == .unclear
      switch remaining {
      case .nothing:
        remove(entry)
        if let onFound = entry.onFound {
          news.append { onFound(false) }
        } else {
          news.append(entry.onGone)
        }
      case .processes, .unclear:
        if let onFound = entry.onFound,
          remaining == .processes || entry.age(at: now) >= Self.patience
        {
          entry.onFound = nil
          news.append { onFound(true) }
        }
        if remaining == .processes { entry.scope.askLatecomers() }
        // The processes that were forked while the others were killed. What cannot be killed is
        // told by its survival.
        if remaining == .processes, entry.scope.killedAt != nil { _ = entry.scope.signal(.kill) }
        watchEmptiness(entry)
      }
    }
    schedulePoll()
    for tell in news { tell() }
  }

  private func watchEmptiness(_ entry: Entry) {
    guard let cgroup = entry.scope.cgroup, entry.emptiness == nil else { return }
    do throws(UVError) {
      entry.emptiness = try CgroupFileWatch(cgroup, "cgroup.events", on: context.loop) {
        [self, unowned entry] _ in look([entry])
      }
    } catch {
      // No descriptor left, or the group has just been removed: the poll will see.
    }
  }

  private func remove(_ entry: Entry) {
    entries.removeAll { $0 === entry }
    entry.emptiness?.close()
  }

  private func schedulePoll() {
    let now = context.now
    let polled = entries.lazy.filter(\.needsPoll).map { $0.age(at: now) }
    guard let youngest = polled.min() else { return poll.stop() }
    var interval = min(
      max(youngest / Self.intervalsInAge, Self.shortestInterval), Self.longestInterval)
    if entries.contains(where: { $0.isUnclear && $0.age(at: now) < Self.unclearAge }) {
      interval = Self.unclearInterval
    }
    guard !poll.isActive || pollAt > now + interval else { return }
    pollAt = now + interval
    poll.start(after: interval) { [self] in check() }
  }

  func close() {
    for entry in entries { entry.emptiness?.close() }
    entries = []
    poll.close()
    soon.close()
  }
}
