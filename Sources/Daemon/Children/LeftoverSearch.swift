import Supervision
import UV

/// Finds the processes of runs of an earlier supervisor: those that carry the run's mark, those of its
/// leader's session, those in its cgroup, and everything below these.
struct LeftoverSearch {
  /// The marks of the processes that were seen before: an environment is read once.
  private var marks: [SystemProcess.Member: String?] = [:]

  /// Who is left, by the place of each in `leftovers`.
  mutating func members(of leftovers: [Leftover]) -> [[ProcessRecord]] {
    let records = SystemProcess.all()
    readMarks(of: records)
    let byPID = Dictionary(records.map { ($0.pid, $0) }) { first, _ in first }
    // A thousand runs may be left, among as many processes.
    let byMark = Dictionary(grouping: records, by: mark)
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
    var members = leftovers.map { _ in [ProcessRecord]() }
    for record in records {
      if let index = owner(of: record, owners, byPID) { members[index].append(record) }
    }
    return members
  }

  private mutating func readMarks(of records: [ProcessRecord]) {
    let known = marks
    marks = Dictionary(
      records.map { record in
        let mark =
          known[record.member] ?? SystemProcess.variable(RunState.markerName, of: record.pid)
        return (record.member, mark)
      }
    ) { first, _ in first }
  }

  private func mark(of record: ProcessRecord) -> String? { marks[record.member] ?? nil }

  private func groupMembers(of leftovers: [Leftover]) -> [Int32: Int] {
    var owners: [Int32: Int] = [:]
    for (index, leftover) in leftovers.enumerated() {
      // A group that cannot be listed is told by being populated.
      for pid in (try? leftover.group?.processes()) ?? [] { owners[pid] = index }
    }
    return owners
  }

  /// Whether the session of that number is the leader's. Its pid is not given away while the session has
  /// members: if another process has it, or nobody in it can be told, it may be somebody else's.
  private func isTrusted(
    _ leader: RunState.Run.Leader, _ present: ProcessRecord?, _ marked: [ProcessRecord]
  ) -> Bool {
    if let present { return present.startTime == leader.startTime }
    return marked.contains { $0.session == leader.pid }
  }

  /// Whose a process is: its own mark decides, else its nearest ancestor that is somebody's.
  private func owner(
    of record: ProcessRecord, _ owners: [Int32: Int], _ byPID: [Int32: ProcessRecord]
  ) -> Int? {
    var next = record
    // Parents are older than their children; a number that was given away in between is not followed.
    while true {
      if let index = owners[next.pid] { return index }
      guard next.pid != SystemProcess.ownPID, mark(of: next) == nil,
        let parent = byPID[next.parent], parent.startTime <= next.startTime,
        parent.pid != next.pid
      else { return nil }
      next = parent
    }
  }
}
