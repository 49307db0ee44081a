import Supervision
import UV

/// Finds out whether something of a run is left when its leader has ended, and when that is gone too.
///
/// A cgroup tells of its emptiness by itself. Without one, the end of an orphan is a reason to look, and a
/// poll stands in for those whose parent is no child of ours either.
final class ScopeWatch {
  private let loop: Loop
  private let strays: Strays
  private let poll: Timer
  private let soon: Timer
  private var entries: [Entry] = []
  private static let pollInterval: Duration = .milliseconds(50)

  private final class Entry {
    let scope: RunScope
    /// Takes whether somebody is left; nil once that has been said.
    var onFound: ((_ remains: Bool) -> Void)?
    let onGone: () -> Void
    var emptiness: CgroupFileWatch?

    init(
      _ scope: RunScope, onFound: @escaping (Bool) -> Void, onGone: @escaping () -> Void
    ) {
      self.scope = scope
      self.onFound = onFound
      self.onGone = onGone
    }

    /// Whether nobody will say that there is something to be seen.
    var needsPoll: Bool { emptiness == nil || onFound != nil || scope.isKilled }
  }

  init(on loop: Loop, strays: Strays) throws(UVError) {
    self.loop = loop
    self.strays = strays
    poll = try Timer(on: loop)
    soon = try Timer(on: loop)
  }

  /// The leader of a run has been reaped.
  /// - Parameters:
  ///   - onFound: called once with whether something of the run is left; perhaps before this returns.
  ///   - onGone: called once when that has gone, if there was something.
  func leaderExited(
    _ scope: RunScope, onFound: @escaping (_ remains: Bool) -> Void,
    onGone: @escaping () -> Void
  ) {
    let entry = Entry(scope, onFound: onFound, onGone: onGone)
    entries.append(entry)
    if scope.cgroup != nil {
      look([entry], [])
    } else {
      // Those that end together are looked at together: one list of orphans serves them all.
      soon.start(after: .zero) { [self] in check() }
    }
  }

  /// Looks at once; called when an orphan has been reaped.
  func check() {
    guard !entries.isEmpty else { return }
    let orphans = entries.contains { $0.scope.cgroup == nil } ? strays.look() : []
    look(entries.filter(\.needsPoll), orphans)
  }

  private func look(_ looked: [Entry], _ orphans: [Strays.Stray]) {
    var news: [() -> Void] = []
    for entry in looked {
      switch entry.scope.rest(orphans) {
      case .nobody:
        remove(entry)
        if let onFound = entry.onFound {
          news.append { onFound(false) }
        } else {
          news.append(entry.onGone)
        }
      case .somebody:
        if let onFound = entry.onFound {
          entry.onFound = nil
          news.append { onFound(true) }
        }
        // Whoever was forked while the others were killed. What cannot be killed is told by its survival.
        if entry.scope.isKilled { _ = entry.scope.signal(.kill) }
        watchEmptiness(entry)
      case .unclear:
        watchEmptiness(entry)
      }
    }
    schedulePoll()
    for tell in news { tell() }
  }

  private func watchEmptiness(_ entry: Entry) {
    guard let cgroup = entry.scope.cgroup, entry.emptiness == nil else { return }
    do throws(UVError) {
      entry.emptiness = try CgroupFileWatch(cgroup, "cgroup.events", on: loop) {
        [self, unowned entry] _ in look([entry], [])
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
    if !entries.contains(where: \.needsPoll) {
      poll.stop()
    } else if !poll.isActive {
      poll.start(after: Self.pollInterval, repeating: Self.pollInterval) { [self] in check() }
    }
  }

  func close() {
    for entry in entries { entry.emptiness?.close() }
    entries = []
    poll.close()
    soon.close()
  }
}
