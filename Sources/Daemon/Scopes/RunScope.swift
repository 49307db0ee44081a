import Basics
import Supervision
import UV

/// Everything that belongs to a run: with a cgroup, who is in it; without, the leader's process
/// group and its descendants; in both cases, orphans that carry the run's mark: a process of the
/// supervisor's own user leaves its cgroup by one write.
///
/// Where the mark of an orphan cannot be told now (``VariableReading/unknown``), it may be of any
/// run whose leader is older than it. It is looked at again until it can be told, and none of these
/// runs is over before that. That ends: an `execve` or an exit comes to its end, and what hangs in
/// one for longer is waited for no more. Where it turns out to be of a run that is over, it is
/// ended then. An environment that this user may not read (``VariableReading/unreadable``) is no
/// such case, since looking again does not help: such an orphan is told by its session, or by
/// having been seen below the leader.
final class RunScope {
  /// It leads a session and a process group, so its pid names them too.
  let leader: Int32
  let cgroup: Cgroup?
  /// When the leader started, in clock ticks since the boot; nil where that could not be read.
  let startTime: UInt64?
  private let mark: String
  /// When it was told as started, on the clock of the orphan tracker, as all times here.
  private let begunAt: Duration
  private let orphanTracker: OrphanTracker
  /// Whether a process may be left that the cgroup does not know of.
  private(set) var isBeyondCgroup = false
  /// Whether the leader has been reaped: then its pid is good only as long as its group has
  /// members.
  private(set) var hasLeaderExited = false
  private var isGroupGone = false
  /// When it was first sent `SIGKILL`: a process that turns up from then on gets it too.
  private(set) var killedAt: Duration?
  /// Those that were found when it was last signalled, and when that was, in clock ticks since the
  /// boot: they belong to it whatever they have become since.
  private var known: [Int32: UInt64] = [:]
  /// How it was asked to end, if it was; and which processes that has not reached.
  private var request: EndRequest?

  init(_ leader: ChildProcess, mark: String, cgroup: Cgroup?, orphanTracker: OrphanTracker) {
    self.leader = leader.pid
    self.mark = mark
    self.cgroup = cgroup
    self.orphanTracker = orphanTracker
    begunAt = orphanTracker.now
    startTime = leader.startTime
  }

  func leaderExited() {
    hasLeaderExited = true
  }

  /// What is left of a run after the end of its leader.
  enum Remaining {
    case nothing
    case processes
    /// `cgroup.events` says populated but no live process is listed (a zombie that was not reaped),
    /// or something could not be read.
    case unclear
  }

  /// Looks for what is left. The leader has been reaped.
  /// - Parameter orphans: gives those of this moment; asked if no process is found otherwise.
  func remaining(_ orphans: () -> OrphanTracker.Look) -> Remaining {
    let inside = remainingInGroup()
    guard inside != .processes else { return .processes }
    let look = orphans()
    let beyond = remainingBeyondGroup(look)
    isBeyondCgroup = cgroup != nil && beyond != .nothing
    let remaining = beyond == .nothing ? inside : beyond
    if remaining == .nothing { giveUp(look) }
    return remaining
  }

  private func remainingInGroup() -> Remaining {
    guard let cgroup else { return remains() ? .processes : .nothing }
    do throws(UVError) {
      if try !cgroup.isPopulated() { return .nothing }
      return try cgroup.processes().contains(where: ProcessTable.isRunning) ? .processes : .unclear
    } catch {
      // A group that was removed was empty. What cannot be read now can be later.
      return error.isNoSuchGroup ? .nothing : .unclear
    }
  }

  private func remainingBeyondGroup(_ look: OrphanTracker.Look) -> Remaining {
    if look.orphans.contains(where: isOurs) || look.hidden.contains(where: isOurs) {
      return .processes
    }
    let isUnclear =
      !look.isComplete || look.orphans.contains(where: mayBeOurs)
      || look.hidden.contains(where: mayBeOurs)
    return isUnclear ? .unclear : .nothing
  }

  private func remains() -> Bool {
    if !isGroupGone { isGroupGone = !ProcessGroups.exists(leader) }
    if !isGroupGone {
      // Children that the leader never waited for have become ours, and count as members until
      // reaped. The kernel looks through all children for them.
      orphanTracker.reaped(ProcessGroups.reapEnded(in: leader))
      isGroupGone = !ProcessGroups.exists(leader)
    }
    return !isGroupGone
  }

  private func isOurs(_ orphan: OrphanTracker.Orphan) -> Bool {
    if let at = known[orphan.pid], orphan.startTime <= at { return true }
    // The mark decides; where there is none, or none that can be read, the session does.
    if let mark = orphan.mark.text { return mark == self.mark }
    return orphan.session == leader
  }

  private func mayBeOurs(_ orphan: OrphanTracker.Orphan) -> Bool {
    isRecent(orphan.unclearSince) && mayTurnOutOurs(orphan)
  }

  private func mayTurnOutOurs(_ orphan: OrphanTracker.Orphan) -> Bool {
    orphan.mark == .unknown && orphan.startTime >= startTime ?? 0 && !isOfAnotherGroup(orphan.pid)
  }

  private func isOurs(_ hidden: OrphanTracker.Hidden) -> Bool { hidden.session == leader }

  private func mayBeOurs(_ hidden: OrphanTracker.Hidden) -> Bool {
    isRecent(hidden.unclearSince) && mayTurnOutOurs(hidden)
  }

  /// It is of no run that was started after it was seen first.
  private func mayTurnOutOurs(_ hidden: OrphanTracker.Hidden) -> Bool {
    (hidden.unclearSince.map { $0 >= begunAt - Self.startLatency } ?? true)
      && !isOfAnotherGroup(hidden.pid)
  }

  /// One that hangs may do so for days, and every run would wait for it. What was not tried yet is
  /// about to be read.
  private func isRecent(_ unclearSince: Duration?) -> Bool {
    unclearSince.map { orphanTracker.now - $0 < Self.hiddenPatience } ?? true
  }

  /// Where runs have cgroups, an orphan that cannot be told is of the one whose cgroup it is in.
  private func isOfAnotherGroup(_ pid: Int32) -> Bool {
    guard let cgroup, let group = orphanTracker.group(of: pid) else { return false }
    return CgroupTree.isGroupOfAnotherRun(group, than: cgroup)
  }

  /// Does not wait for those any longer that may turn out to belong to it.
  private func giveUp(_ look: OrphanTracker.Look) {
    if look.orphans.contains(where: mayTurnOutOurs) || look.hidden.contains(where: mayTurnOutOurs) {
      orphanTracker.giveUp(mark)
    }
  }

  /// How long a command may run before its start is told, and this is made.
  private static let startLatency: Duration = .seconds(1)
  /// How long runs that have ended wait for an orphan that cannot be told. An `execve` takes
  /// milliseconds.
  private static let hiddenPatience: Duration = .seconds(2)

  /// Sends a signal to all of it.
  /// - Parameter continues: whether `SIGCONT` follows: one that was stopped takes the signal only
  ///   then.
  /// - Returns: what went wrong, but for processes that have ended in between.
  func signal(_ signal: Signal, thenContinue continues: Bool = false) -> [UVError] {
    if signal == .kill, killedAt == nil { killedAt = orphanTracker.now }
    let at = orphanTracker.bootTicks
    var failures: [UVError] = []
    func attempt(_ body: () throws(UVError) -> Void) {
      do throws(UVError) {
        try body()
      } catch {
        if error.code != .noSuchProcess, !error.isNoSuchGroup { failures.append(error) }
      }
    }
    var isDone = false
    if signal == .kill, let cgroup {
      attempt { () throws(UVError) in isDone = try cgroup.kill() }
    }
    if isDone {
      for pid in outsiders() {
        attempt { () throws(UVError) in try ProcessTable.signal(signal.number, process: pid) }
      }
      return failures
    }
    // Before the leader is signalled: its descendants cannot be told any more when it is gone.
    let members = members()
    let group = signallableGroup
    send(signal, members, group, attempt)
    if continues, signal != .kill {
      resume(members, group)
      let look = orphanTracker.recent()
      // A look has each pid once.
      let undecided = look.orphans.filter(mayBeOurs).map { ($0.pid, $0.startTime) }
      request = EndRequest(
        signal, at: at, wasComplete: look.isReadable,
        undecided: Dictionary(undecided) { first, _ in first })
      request?.reach(members)
      if !look.isReadable { orphanTracker.whenRead { [weak self] in self?.askLatecomers() } }
    }
    return failures
  }

  /// Asks those to end that were there when it was asked, and have turned out to belong to it
  /// since: an orphan in the middle of an `execve` cannot be told.
  func askLatecomers() {
    guard let request, killedAt == nil else { return }
    let late = orphanTracker.recent().orphans.filter { orphan in
      isOurs(orphan) && request.hasMissed(orphan.pid, startedAt: orphan.startTime)
    }.map(\.pid)
    guard !late.isEmpty else { return }
    let members = (late + ProcessTable.descendants(of: late)).filter { !request.hasReached($0) }
    note(members)
    self.request?.reach(members)
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
    // At once to all of the group: no process in it forks away in between.
    if let group {
      attempt { () throws(UVError) in try ProcessGroups.signal(signal.number, group: group) }
    }
    for pid in members where group == nil || ProcessGroups.group(of: pid) != group {
      attempt { () throws(UVError) in try ProcessTable.signal(signal.number, process: pid) }
    }
  }

  private var signallableGroup: Int32? {
    if !hasLeaderExited { return leader }
    return cgroup == nil && !isGroupGone ? leader : nil
  }

  /// Who is in it now, zombies perhaps included.
  private func members() -> [Int32] {
    let members = present()
    if cgroup == nil {
      known = [:]
      note(members)
    }
    return members
  }

  private func note(_ members: [Int32]) {
    let now = orphanTracker.bootTicks
    for pid in members { known[pid] = now }
  }

  private func present() -> [Int32] {
    if let cgroup {
      // A group that cannot be listed has its processes by their process group at least.
      let inside = (try? cgroup.processes()) ?? []
      let outside = outsiders()
      return outside.isEmpty ? inside : Array(Set(inside).union(outside))
    }
    let roots = (hasLeaderExited ? [] : [leader]) + orphans()
    return roots + ProcessTable.descendants(of: roots)
  }

  /// Those that have come to the supervisor.
  private func orphans() -> [Int32] {
    let look = orphanTracker.recent()
    return look.orphans.filter(isOurs).map(\.pid) + look.hidden.filter(isOurs).map(\.pid)
  }

  /// Those that may have left the cgroup, and perhaps have not.
  private func outsiders() -> [Int32] {
    let orphans = orphans()
    return orphans.isEmpty ? [] : orphans + ProcessTable.descendants(of: orphans)
  }

  /// The resident memory of all of it, in bytes: what its processes share counts for each of them,
  /// and the cache of files does not count. Nil if no process is there, and if it cannot be told
  /// now.
  func residentBytes() -> Int? {
    let sizes = present().compactMap { ProcessTable.residentBytes(of: $0) }
    return sizes.isEmpty ? nil : sizes.reduce(0, +)
  }

  /// Whether a process of it has sent a message. One that has ended and been reaped by the time it
  /// is asked about can only be told by its user: it knew the address, which is this run's alone.
  func sent(_ message: NotifyMessage) -> Bool {
    let pid = message.pid
    guard pid > 1, pid != SystemProcess.ownPID else { return false }
    if pid == leader { return true }
    let session = ProcessTable.session(of: pid)
    guard session >= 0 else { return message.user == user }
    if session == leader || ProcessGroups.group(of: pid) == leader { return true }
    // A group that cannot be listed has no process in it that the rest does not tell of.
    if let processes = try? cgroup?.processes(), processes.contains(pid) { return true }
    let ancestor = ancestor(of: pid)
    if ancestor == leader { return !hasLeaderExited }
    // The mark that orphans are told by is no secret, and every process can put it into its own
    // environment. So it counts for those only who could do what they like anyway.
    guard message.user == SystemProcess.userID || message.user == user else { return false }
    // One that is on its way out must not lose its message.
    return ancestor.map(isOfOrphan) ?? true
  }

  /// The ancestor of a process that is a child of this one, or the process itself; 1 where it is of
  /// others. Nil where it ends meanwhile.
  private func ancestor(of pid: Int32) -> Int32? {
    var next = pid
    while true {
      guard let parent = ProcessTable.parent(of: next) else { return nil }
      if parent == SystemProcess.ownPID { return next }
      guard parent > 1 else { return 1 }
      // It was there when its child was looked at again, so the number has not been given to
      // another one in between.
      guard ProcessTable.parent(of: parent) != nil, ProcessTable.parent(of: next) == parent
      else { return nil }
      next = parent
    }
  }

  /// Whether an orphan is of this run, or may be: a message of one that is about to be read must
  /// not be lost.
  private func isOfOrphan(_ pid: Int32) -> Bool {
    let look = orphanTracker.look()
    return look.orphans.contains { $0.pid == pid && (isOurs($0) || mayBeOurs($0)) }
      || look.hidden.contains { $0.pid == pid && (isOurs($0) || mayBeOurs($0)) }
  }

  /// The user that its leader is; nil where that has ended.
  private var user: UInt32? {
    // A leader that is gone has none.
    hasLeaderExited ? nil : try? Files.status(of: "/proc/\(leader)").owner
  }

  /// Those of it that are alive, by pid.
  func survivors() -> [Survivor] {
    members().sorted().filter(ProcessTable.isRunning).map(Survivor.init(named:))
  }
}
