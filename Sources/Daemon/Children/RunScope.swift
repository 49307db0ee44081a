import Supervision
import UV

/// Everything that belongs to a run: with a cgroup, who is in it; without, the leader's process group, its
/// descendants, and orphans that carry the run's mark.
final class RunScope {
  /// It leads a session and a process group, so its pid names them too.
  let leader: Int32
  let cgroup: Cgroup?
  private let mark: String
  private let strays: Strays
  /// Whether the leader has been reaped: then its pid is good only as long as its group has members.
  private(set) var hasLeaderExited = false
  private var isGroupGone = false
  /// When it was first sent `SIGKILL`, on the monotonic clock: whoever turns up from then on gets it too.
  private(set) var killedAt: Duration?
  /// Those that were found when it was last signalled: they belong to it whatever they have become since.
  private var known: Set<SystemProcess.Member> = []

  init(leader: Int32, mark: String, cgroup: Cgroup?, strays: Strays) {
    self.leader = leader
    self.mark = mark
    self.cgroup = cgroup
    self.strays = strays
  }

  func leaderExited() {
    hasLeaderExited = true
  }

  /// What is left after the end of the leader.
  enum Rest {
    case nobody
    case somebody
    /// The kernel counts somebody who cannot be seen: ended, and not yet taken off; or it cannot be asked now.
    case unclear
  }

  /// Looks who is left. The leader has been reaped.
  /// - Parameter orphans: of this moment; looked at where there is no cgroup.
  func rest(_ orphans: [Strays.Stray]) -> Rest {
    guard let cgroup else { return remains(orphans) ? .somebody : .nobody }
    do throws(UVError) {
      if try !cgroup.isPopulated() { return .nobody }
      return try cgroup.processes().contains(where: isAlive) ? .somebody : .unclear
    } catch {
      // A group that somebody has removed was empty. What cannot be read now can be later.
      return error.isNoSuchGroup ? .nobody : .unclear
    }
  }

  private func remains(_ orphans: [Strays.Stray]) -> Bool {
    if !isGroupGone {
      // Children that the leader never waited for have become ours, and count as members until reaped.
      ProcessGroups.reapEnded(in: leader)
      isGroupGone = !ProcessGroups.exists(leader)
    }
    return !isGroupGone || orphans.contains(where: isOurs)
  }

  private func isOurs(_ orphan: Strays.Stray) -> Bool {
    if let mark = orphan.mark, mark == self.mark { return true }
    return orphan.mark == nil && orphan.record.session == leader
      || known.contains(orphan.record.member)
  }

  private func isAlive(_ pid: Int32) -> Bool {
    ProcessRecord(pid).map { !$0.hasEnded } ?? false
  }

  /// Sends a signal to all of it.
  /// - Returns: what went wrong, but for processes that have ended in between.
  func signal(_ signal: Signal) -> [UVError] {
    if signal == .kill, killedAt == nil { killedAt = SystemProcess.monotonicClock }
    var failures: [UVError] = []
    func attempt(_ body: () throws(UVError) -> Void) {
      do throws(UVError) {
        try body()
      } catch {
        if error.name != "ESRCH", !error.isNoSuchGroup { failures.append(error) }
      }
    }
    var isDone = false
    if signal == .kill, let cgroup {
      attempt { () throws(UVError) in isDone = try cgroup.kill() }
    }
    if isDone { return failures }
    // Before the leader is signalled: its descendants cannot be told any more when it is gone.
    let members = members()
    // At once to all of the group: nobody in it forks away in between.
    let group = signallableGroup
    if let group {
      attempt { () throws(UVError) in try ProcessGroups.signal(signal.number, group: group) }
    }
    for pid in members where group == nil || ProcessGroups.group(of: pid) != group {
      attempt { () throws(UVError) in try SystemProcess.signal(signal.number, process: pid) }
    }
    return failures
  }

  private var signallableGroup: Int32? {
    if !hasLeaderExited { return leader }
    return cgroup == nil && !isGroupGone ? leader : nil
  }

  /// Who is in it now, zombies perhaps included.
  private func members() -> [Int32] {
    let members = present()
    if cgroup == nil { known = Set(members.compactMap { ProcessRecord($0)?.member }) }
    return members
  }

  private func present() -> [Int32] {
    if let cgroup {
      // A group that cannot be listed has its processes by their process group at least.
      return (try? cgroup.processes()) ?? []
    }
    let roots =
      (hasLeaderExited ? [] : [leader]) + strays.recent().filter(isOurs).map(\.record.pid)
    return roots + SystemProcess.descendants(of: roots)
  }

  /// The resident memory of all of it, in bytes: what its processes share counts for each of them, and the
  /// cache of files does not count. Nil where nobody is there.
  func residentBytes() -> Int? {
    let sizes = present().compactMap { ProcessRecord($0)?.residentBytes }
    return sizes.isEmpty ? nil : sizes.reduce(0, +)
  }

  /// Whether a process of it has sent a message. One that has ended and been reaped by the time it is asked
  /// about can only be told by its user: it knew the address, which is this run's alone.
  func sent(_ message: NotifyMessage) -> Bool {
    guard message.pid > 1, message.pid != SystemProcess.ownPID else { return false }
    if message.pid == leader { return true }
    guard let record = ProcessRecord(message.pid) else { return message.user == user }
    if record.session == leader || record.group == leader { return true }
    // A group that cannot be listed has nobody in it who is not told by the rest.
    if let processes = try? cgroup?.processes(), processes.contains(record.pid) { return true }
    if isDescendant(record) { return true }
    // The mark is no secret, and anybody can put it into an environment of his own; reading that of a stranger
    // may never come to its end, either. So it counts for those only who could do what they like anyway.
    guard message.user == SystemProcess.userID || message.user == user else { return false }
    return record.hasEnded || SystemProcess.variable(RunState.markerName, of: record.pid) == mark
  }

  private func isDescendant(_ record: ProcessRecord) -> Bool {
    var next = record
    // Parents are older than their children; a number that was given away in between is not followed.
    while next.parent > 1, next.parent != SystemProcess.ownPID {
      if next.parent == leader { return !hasLeaderExited }
      guard let parent = ProcessRecord(next.parent), parent.startTime <= next.startTime else {
        return false
      }
      next = parent
    }
    return false
  }

  /// The user that its leader is; nil where that has ended.
  private var user: UInt32? {
    // A leader that is gone has none.
    hasLeaderExited ? nil : try? File.statusNow("/proc/\(leader)").owner
  }

  /// Those of it that are alive, by pid.
  func survivors() -> [Survivor] {
    members().sorted().compactMap { pid in
      guard let record = ProcessRecord(pid), !record.hasEnded else { return nil }
      return Survivor(pid: pid, name: record.name)
    }
  }
}
