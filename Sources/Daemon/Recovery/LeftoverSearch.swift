import Supervision
import UV

/// Finds the processes of runs of an earlier supervisor: those that carry the run's mark, those of
/// its leader's session, those in its cgroup, and everything below these.
///
/// Where the mark of a process cannot be told now (``VariableReading/unknown``), it may be of any
/// run that is not younger than it: that run is not over. A process whose environment this user may
/// not read is found by its session, its cgroup and its parents alone.
struct LeftoverSearch {
  /// All processes, as they were then.
  private(set) var records: [ProcessRecord] = []
  /// Those that carry a mark, by it.
  private(set) var byMark: [String: [ProcessRecord]] = [:]
  /// Those whose mark could not be told.
  private var unknown: [ProcessRecord] = []
  /// Those of which next to nothing could be read.
  private var hidden: [Survivor] = []
  /// Those whose mark decides.
  private var marked: Set<Int32> = []
  /// Whether not all could be listed.
  private let isIncomplete: Bool

  /// Those of which it could not be told whose they are.
  var unclear: [Survivor] { unknown.map(Survivor.init) + hidden }

  /// Whether there may be more than was found.
  var isUnclear: Bool { isIncomplete || !unknown.isEmpty || !hidden.isEmpty }

  /// Who is left of one run.
  struct Found {
    var members: [ProcessRecord] = []
    /// Those of which it could not be told whether they are of this run.
    var unclear: [Survivor] = []
    /// Whether a process may be left that was not found.
    var isUnclear = false

    /// Keeps those that were found before, are there still and were not seen this time.
    mutating func keep(_ before: [ProcessRecord]) {
      let seen = Set(members.map(\.pid))
      members += before.filter { !seen.contains($0.pid) && ProcessTable.isRunning($0.pid) }
    }

    /// Whether surely no process is left.
    var isEmpty: Bool { members.isEmpty && !isUnclear }
  }

  /// - Parameter scan: of all processes.
  init(_ scan: ProcessScan) {
    isIncomplete = !scan.isListed
    hidden = scan.hidden.filter(ProcessTable.isRunning).map(Survivor.init(named:))
    for found in scan.found {
      let record = found.record
      switch found.variable {
      case .ended: continue
      case .value(let text):
        byMark[text, default: []].append(record)
        marked.insert(record.pid)
      case .unknown: unknown.append(record)
      case .absent, .unreadable: break
      }
      records.append(record)
    }
  }

  /// Who was left, by the place of each in `leftovers`.
  func found(of leftovers: [Leftover]) -> [Found] {
    let byPID = Dictionary(records.map { ($0.pid, $0) }) { first, _ in first }
    // A thousand runs may be left, among as many processes.
    let bySession = Dictionary(grouping: records, by: \.session)
    var owners = groupMembers(of: leftovers)
    for (index, leftover) in leftovers.enumerated() {
      guard let run = leftover.run else { continue }
      let marked = byMark[run.marker] ?? []
      for record in marked { owners[record.pid] = index }
      guard let leader = run.leader, isTrusted(leader, byPID[leader.pid], marked) else { continue }
      for record in bySession[leader.pid] ?? [] where record.startTime >= leader.startTime {
        owners[record.pid] = index
      }
    }
    // This process may have been started by what is to be ended, and is not part of it.
    owners[SystemProcess.ownPID] = nil
    var found = leftovers.map { _ in Found() }
    var owned: Set<Int32> = []
    for record in records {
      guard let index = owner(of: record, owners, byPID) else { continue }
      found[index].members.append(record)
      owned.insert(record.pid)
    }
    let unowned = unknown.filter { !owned.contains($0.pid) }
    for (index, leftover) in leftovers.enumerated() {
      let start = leftover.run?.leader?.startTime ?? 0
      found[index].unclear = unowned.filter { $0.startTime >= start }.map(Survivor.init) + hidden
      found[index].isUnclear = isIncomplete || !found[index].unclear.isEmpty
    }
    return found
  }

  private func groupMembers(of leftovers: [Leftover]) -> [Int32: Int] {
    var owners: [Int32: Int] = [:]
    for (index, leftover) in leftovers.enumerated() {
      // A group that cannot be listed is told by being populated.
      for pid in (try? leftover.group?.processes()) ?? [] { owners[pid] = index }
    }
    return owners
  }

  /// Whether the session of that number is the leader's. Its pid is not given away while the
  /// session has members: if another process has it, or none of its members can be recognised, it
  /// may be another program's.
  private func isTrusted(
    _ leader: RunState.Run.Leader, _ present: ProcessRecord?, _ marked: [ProcessRecord]
  ) -> Bool {
    if let present { return present.startTime == leader.startTime }
    return marked.contains { $0.session == leader.pid }
  }

  /// Whose a process is: its own mark decides, else its nearest ancestor that has an owner.
  private func owner(
    of record: ProcessRecord, _ owners: [Int32: Int], _ byPID: [Int32: ProcessRecord]
  ) -> Int? {
    var next = record
    // Parents are older than their children; a number that was given away in between is not
    // followed.
    while true {
      if let index = owners[next.pid] { return index }
      guard next.pid != SystemProcess.ownPID, !marked.contains(next.pid),
        let parent = byPID[next.parent], parent.startTime <= next.startTime,
        parent.pid != next.pid
      else { return nil }
      next = parent
    }
  }
}

extension Survivor {
  /// A process that is there.
  init(_ record: ProcessRecord) { self.init(pid: record.pid, name: record.name) }

  /// A process by what can be told of it at any time.
  init(named pid: Int32) { self.init(pid: pid, name: ProcessTable.name(of: pid) ?? "?") }
}
