import Supervision
import UV

/// Everything that belongs to a run: with a cgroup, who is in it; without, the leader's process group and its
/// descendants; in both cases, orphans that carry the run's mark: a process of the supervisor's own user leaves its
/// cgroup by one write.
///
/// Where the mark of an orphan cannot be told now (``VariableReading/unknown``), it may be of any run whose leader is
/// older than it. It is looked at again until it can be told, and none of these runs is over before that. That
/// ends: an `execve` or an exit comes to its end, and what hangs in one for longer is given up after
/// `SIGKILL` like everything else that nobody can end. An environment that this user may not read
/// (``VariableReading/unreadable``) is no such case, since looking again does not help: such an orphan is told by
/// its session, or by having been seen below the leader.
final class RunScope {
  /// It leads a session and a process group, so its pid names them too.
  let leader: Int32
  let cgroup: Cgroup?
  /// When the leader started, in clock ticks since the boot; nil where that could not be read.
  let startTime: UInt64?
  private let mark: String
  /// When it was told as started, on the monotonic clock.
  private let begunAt = SystemProcess.monotonicClock
  private let strays: Strays
  /// Whether somebody may be left whom the cgroup does not know of.
  private(set) var isBeyondCgroup = false
  /// Whether the leader has been reaped: then its pid is good only as long as its group has members.
  private(set) var hasLeaderExited = false
  private var isGroupGone = false
  /// When it was first sent `SIGKILL`, on the monotonic clock: whoever turns up from then on gets it too.
  private(set) var killedAt: Duration?
  /// Those that were found when it was last signalled: they belong to it whatever they have become since.
  private var known: Set<SystemProcess.Member> = []
  /// How it was asked to end, if it was; and whom that has not reached.
  private var request: EndRequest?

  private struct EndRequest {
    let signal: Signal
    /// In clock ticks since the boot. What was started before that was to get the signal; what was started after it
    /// may be how a process cleans up.
    let at: UInt64
    /// Those that could not be told to belong to it, or not to.
    let undecided: Set<SystemProcess.Member>
    /// Whether all were seen that were there. One in the middle of an `execve` cannot even be read perhaps.
    let wasComplete: Bool
    /// Those that got the signal. What was there before `at` is told by its pid from all that has this since.
    var reached: Set<Int32>

    /// Whether a process was there when the others were asked to end, by its start. In the same tick of the clock it
    /// was if a process was not seen.
    func wasMissed(_ record: ProcessRecord) -> Bool {
      record.startTime < at || !wasComplete && record.startTime == at
    }
  }

  init(_ leader: ChildProcess, mark: String, cgroup: Cgroup?, strays: Strays) {
    self.leader = leader.pid
    self.mark = mark
    self.cgroup = cgroup
    self.strays = strays
    startTime = leader.startTime
  }

  func leaderExited() {
    hasLeaderExited = true
  }

  /// What is left after the end of the leader.
  enum Rest {
    case nobody
    case somebody
    /// The kernel counts somebody who cannot be seen: ended, and not yet taken off; or something cannot be told
    /// now.
    case unclear
  }

  /// Looks who is left. The leader has been reaped.
  /// - Parameter orphans: gives those of this moment; asked where nobody is found otherwise.
  func rest(_ orphans: () -> Strays.Look) -> Rest {
    let rest = restInGroup()
    guard rest != .somebody else { return .somebody }
    let look = orphans()
    let beyond = restBeyondGroup(look)
    isBeyondCgroup = cgroup != nil && beyond != .nobody
    return beyond == .nobody ? rest : beyond
  }

  private func restInGroup() -> Rest {
    guard let cgroup else { return remains() ? .somebody : .nobody }
    do throws(UVError) {
      if try !cgroup.isPopulated() { return .nobody }
      return try cgroup.processes().contains(where: isAlive) ? .somebody : .unclear
    } catch {
      // A group that somebody has removed was empty. What cannot be read now can be later.
      return error.isNoSuchGroup ? .nobody : .unclear
    }
  }

  private func restBeyondGroup(_ look: Strays.Look) -> Rest {
    if look.orphans.contains(where: isOurs) || look.hidden.contains(where: isOurs) {
      return .somebody
    }
    let isUnclear =
      !look.isComplete || look.orphans.contains(where: mayBeOurs)
      || look.hidden.contains(where: mayBeOurs)
    return isUnclear ? .unclear : .nobody
  }

  private func remains() -> Bool {
    if !isGroupGone { isGroupGone = !ProcessGroups.exists(leader) }
    if !isGroupGone {
      // Children that the leader never waited for have become ours, and count as members until reaped. The kernel looks
      // through all children for them.
      ProcessGroups.reapEnded(in: leader)
      isGroupGone = !ProcessGroups.exists(leader)
    }
    return !isGroupGone
  }

  private func isOurs(_ orphan: Strays.Stray) -> Bool {
    if known.contains(orphan.record.member) { return true }
    // The mark decides; where there is none, or none that can be read, the session does.
    if let mark = orphan.mark.text { return mark == self.mark }
    return orphan.record.session == leader
  }

  private func mayBeOurs(_ orphan: Strays.Stray) -> Bool {
    orphan.mark == .unknown && orphan.record.startTime >= startTime ?? 0
  }

  private func isOurs(_ hidden: Strays.Hidden) -> Bool { hidden.session == leader }

  /// One that hangs may do so for days, and every run would wait for it. It is of none that was started after it was seen
  /// first, and where runs have cgroups, of the one whose cgroup it is in.
  private func mayBeOurs(_ hidden: Strays.Hidden) -> Bool {
    if hidden.since < begunAt - Self.startLatency { return false }
    guard let cgroup, let group = hidden.group else { return true }
    return !CgroupTree.isGroupOfAnotherRun(group, than: cgroup)
  }

  /// How long a command may run before its start is told, and this is made.
  private static let startLatency: Duration = .seconds(1)

  private func isAlive(_ pid: Int32) -> Bool {
    do throws(UVError) {
      return try ProcessRecord.read(pid).map { !$0.hasEnded } ?? false
    } catch {
      return true
    }
  }

  /// Sends a signal to all of it.
  /// - Parameter continues: whether `SIGCONT` follows: one that was stopped takes the signal only then.
  /// - Returns: what went wrong, but for processes that have ended in between.
  func signal(_ signal: Signal, thenContinue continues: Bool = false) -> [UVError] {
    if signal == .kill, killedAt == nil { killedAt = SystemProcess.monotonicClock }
    let at = SystemProcess.bootTicks
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
    if isDone {
      for pid in outsiders() {
        attempt { () throws(UVError) in try SystemProcess.signal(signal.number, process: pid) }
      }
      return failures
    }
    // Before the leader is signalled: its descendants cannot be told any more when it is gone.
    let members = members()
    let group = signallableGroup
    send(signal, members, group, attempt)
    if continues, signal != .kill {
      resume(members, group)
      let look = strays.recent()
      request = EndRequest(
        signal: signal, at: at,
        undecided: Set(look.orphans.filter(mayBeOurs).map(\.record.member)),
        wasComplete: look.isReadable, reached: Set(members))
    }
    return failures
  }

  /// Asks those to end that were there when it was asked, and have turned out to belong to it since: an orphan in the
  /// middle of an `execve` cannot be told.
  func askLatecomers() {
    guard let request, killedAt == nil else { return }
    let late = strays.recent().orphans.filter { orphan in
      isOurs(orphan) && !request.reached.contains(orphan.record.pid)
        && (request.undecided.contains(orphan.record.member)
          || request.wasMissed(orphan.record))
    }.map(\.record.pid)
    guard !late.isEmpty else { return }
    let members = (late + SystemProcess.descendants(of: late)).filter {
      !request.reached.contains($0)
    }
    known.formUnion(members.compactMap { ProcessRecord($0)?.member })
    self.request?.reached.formUnion(members)
    // What may not be signalled is named with those that outlive SIGKILL.
    send(request.signal, members, nil, passOver)
    resume(members, nil)
  }

  private func resume(_ members: [Int32], _ group: Int32?) {
    // What has gone wrong with the signal before it has been told.
    send(.continue, members, group, passOver)
  }

  private func passOver(_ body: () throws(UVError) -> Void) {
    do throws(UVError) { try body() } catch {}
  }

  private func send(
    _ signal: Signal, _ members: [Int32], _ group: Int32?,
    _ attempt: (() throws(UVError) -> Void) -> Void
  ) {
    // At once to all of the group: nobody in it forks away in between.
    if let group {
      attempt { () throws(UVError) in try ProcessGroups.signal(signal.number, group: group) }
    }
    for pid in members where group == nil || ProcessGroups.group(of: pid) != group {
      attempt { () throws(UVError) in try SystemProcess.signal(signal.number, process: pid) }
    }
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
      let inside = (try? cgroup.processes()) ?? []
      let outside = outsiders()
      return outside.isEmpty ? inside : Array(Set(inside).union(outside))
    }
    let roots = (hasLeaderExited ? [] : [leader]) + orphans()
    return roots + SystemProcess.descendants(of: roots)
  }

  /// Those that have come to the supervisor.
  private func orphans() -> [Int32] {
    let look = strays.recent()
    return look.orphans.filter(isOurs).map(\.record.pid) + look.hidden.filter(isOurs).map(\.pid)
  }

  /// Those that may have left the cgroup, and perhaps have not.
  private func outsiders() -> [Int32] {
    let orphans = orphans()
    return orphans.isEmpty ? [] : orphans + SystemProcess.descendants(of: orphans)
  }

  /// The resident memory of all of it, in bytes: what its processes share counts for each of them, and the
  /// cache of files does not count. Nil where nobody is there, and where it cannot be told now.
  func residentBytes() -> Int? {
    do throws(UVError) {
      var sum: Int?
      for pid in present() {
        guard let record = try ProcessRecord.read(pid) else { continue }
        sum = (sum ?? 0) + record.residentBytes
      }
      return sum
    } catch {
      return nil
    }
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
    switch SystemProcess.variable(RunState.markerName, of: record.pid) {
    case .value(let value): return value == mark
    case .absent, .unreadable: return false
    // It is on its way out, or into another program, which must not cost it its message.
    case .ended, .unknown: return true
    }
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
      do throws(UVError) {
        guard let record = try ProcessRecord.read(pid), !record.hasEnded else { return nil }
        return Survivor(pid: pid, name: record.name)
      } catch {
        // It is there, and hangs in an execve perhaps.
        return Survivor(pid: pid, name: "?")
      }
    }
  }
}
