import Basics
import Glibc
import Supervision
import Testing

@testable import ExeioDaemon
@testable import UV

/// Whose a process is, by value: the mark decides, then the session of the leader, the cgroup and
/// the parents.
struct LeftoverSearchTests {
  private let place = "0123456789abcdef"

  /// A process as `/proc/PID/stat` tells of it.
  private func process(
    _ pid: Int32, parent: Int32 = 1, session: Int32? = nil, start: UInt64 = 1000,
    _ variable: VariableReading = .absent
  ) throws -> ProcessScan.Found {
    let session = session ?? pid
    let line =
      "\(pid) (p\(pid)) S \(parent) \(session) \(session) 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 \(start) 8192 2 0\n"
    let record = try #require(
      line.utf8.withContiguousStorageIfAvailable { ProcessRecord(contents: .init($0)) } ?? nil)
    return ProcessScan.Found(record: record, variable: variable)
  }

  /// A run that an earlier daemon has noted.
  private func leftover(
    _ mark: String = "mark", leader: Int32? = 50, start: UInt64 = 1000
  ) -> Leftover {
    let leader = leader.map { RunState.Run.Leader(pid: $0, startTime: start) }
    return Leftover(
      process: "web",
      run: RunState.Run(
        number: 1, process: "web", marker: mark, stopSignal: .terminate, stopTimeout: .seconds(10),
        leader: leader))
  }

  private func search(
    _ processes: [ProcessScan.Found], isListed: Bool = true, hidden: [Int32] = []
  ) -> LeftoverSearch {
    var scan = ProcessScan()
    scan.found = processes
    scan.isListed = isListed
    scan.hidden = hidden
    return LeftoverSearch(scan)
  }

  /// Who was left of one run.
  private func found(_ leftover: Leftover, _ search: LeftoverSearch) -> [Int32] {
    search.found(of: [leftover])[0].members.map(\.pid).sorted()
  }

  @Test func theMarkTheSessionAndTheParentsTell() throws {
    let search = search([
      try process(50, .value("mark")),
      // In the leader's session, with an environment of its own.
      try process(51, parent: 50, session: 50, start: 1001),
      // It has left the session, and is below one that belongs to the run.
      try process(52, parent: 51, start: 1002),
      // It has left all of that, but for the mark.
      try process(53, start: 1003, .value("mark")),
      try process(60),
    ])
    #expect(found(leftover(), search) == [50, 51, 52, 53])
    #expect(!search.isUnclear)
  }

  /// The kernel gives the number of a process that has ended to another one: it may be any
  /// program's.
  @Test func theSessionOfANumberThatWasGivenAwayIsNotTheRuns() throws {
    let search = search([
      try process(50, start: 2000), try process(51, parent: 50, session: 50, start: 2001),
    ])
    #expect(found(leftover(), search) == [])
    #expect(search.found(of: [leftover()])[0].isEmpty)
  }

  @Test func theSessionOfALeaderThatHasGoneIsTrustedForOneWithTheMarkInIt() throws {
    let stranger = try process(51, session: 50, start: 1500)
    #expect(found(leftover(), search([stranger])) == [])
    let member = try process(52, session: 50, start: 1500, .value("mark"))
    #expect(found(leftover(), search([stranger, member])) == [51, 52])
  }

  @Test func whatIsOlderThanTheLeaderIsNotOfItsSession() throws {
    let search = search([
      try process(50, .value("mark")), try process(51, session: 50, start: 999),
    ])
    #expect(found(leftover(), search) == [50])
  }

  @Test func theMarkOfAnotherRunIsStrongerThanTheParents() throws {
    let search = search([
      try process(50, .value("mark")), try process(51, parent: 50, start: 1001, .value("other")),
      try process(52, parent: 51, start: 1002),
    ])
    #expect(found(leftover(), search) == [50])
    let runs = [leftover(), leftover("other", leader: 51, start: 1001)]
    #expect(search.found(of: runs).map { $0.members.map(\.pid) } == [[50], [51, 52]])
  }

  /// A number that was given away in between does not make a child of a younger process.
  @Test func aParentIsOlderThanItsChild() throws {
    let search = search([
      try process(50, start: 2000, .value("mark")), try process(51, parent: 50, start: 1500),
    ])
    #expect(found(leftover(start: 2000), search) == [50])
  }

  @Test func thisProcessIsNeverToBeEnded() throws {
    let own = getpid()
    let search = search([
      try process(50, .value("mark")), try process(own, parent: 50, start: 1001, .value("mark")),
      try process(51, parent: own, start: 1002),
    ])
    #expect(found(leftover(), search) == [50])
  }

  @Test func whatCannotBeToldMayBeOfEachRunThatIsOlder() throws {
    let search = search([try process(70, start: 1500, .unknown)])
    #expect(search.isUnclear && search.unclear.map(\.pid) == [70])
    let results = search.found(of: [leftover(start: 1000), leftover("other", start: 2000)])
    #expect(results.map(\.isUnclear) == [true, false])
    #expect(results.map { $0.unclear.map(\.pid) } == [[70], []])
    #expect(results.map(\.isEmpty) == [false, true])
  }

  /// One that is found otherwise is no riddle.
  @Test func whatIsInTheSessionIsToldWithoutItsMark() throws {
    let search = search([
      try process(50, .value("mark")), try process(51, session: 50, start: 1001, .unknown),
    ])
    let result = search.found(of: [leftover()])[0]
    #expect(result.members.map(\.pid) == [50, 51] && !result.isUnclear)
  }

  @Test func whatCannotBeSeenOrListedLeavesARunUnclear() throws {
    // This process stands for one that is there and cannot be read.
    let hidden = search([], hidden: [getpid(), .max])
    #expect(hidden.unclear.map(\.pid) == [getpid()])
    #expect(hidden.found(of: [leftover()])[0].isUnclear)
    let unlisted = search([], isListed: false)
    #expect(unlisted.isUnclear && unlisted.unclear.isEmpty)
    #expect(!unlisted.found(of: [leftover()])[0].isEmpty)
  }

  @Test func whatHasEndedIsNotThere() throws {
    let search = search([try process(50, .ended)])
    #expect(search.records.isEmpty && search.found(of: [leftover()])[0].isEmpty)
  }

  /// A look at which something could not be seen does not forget those of the look before.
  @Test func thoseOfTheLookBeforeAreKeptAsLongAsTheyRun() throws {
    var found = LeftoverSearch.Found()
    found.members = [try process(50).record]
    found.keep([
      try process(50).record, try process(getpid()).record, try process(.max).record,
    ])
    #expect(found.members.map(\.pid) == [50, getpid()])
  }
}
