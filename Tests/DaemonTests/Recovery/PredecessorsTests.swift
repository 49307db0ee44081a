import API
import Basics
import Glibc
import Supervision
import TestSupport
import Testing
import UV

@testable import ExeioDaemon

/// What a start sees of earlier daemons, before its loop turns. In processes of their own, which
/// have signals and descriptors for themselves.
struct PredecessorsTests {
  /// A child of a run of a daemon that has gone, which executes nothing more.
  private static func child(
    of mark: RunMark, id: String, in scene: OwnersScene
  ) throws -> TestChild {
    let script = "export EXEIO_ID=\(id); exec sh -c 'echo ready; read x'"
    let child = try TestChild(script, mark: mark.text, in: scene)
    try scene.wait { child.text == "ready\n" }
    return child
  }

  private static func mark(_ scene: OwnersScene) throws -> RunMark {
    let token = try DaemonToken(dataDirectory: scene.configuration.dataDirectory)
    return RunMark(
      place: token.place, daemon: ProcessTable.Member(pid: .max, startTime: 1), number: 7,
      isHelper: false)
  }

  /// Looks with no descriptor to spare, so that no process can be told.
  ///
  /// - Parameter clock: tells the time; it gets how often it was asked, and what gives the
  ///   descriptors back.
  private static func lookInVain(
    _ clock: @escaping (_ count: Int, _ restore: () -> Void) -> Duration
  ) throws -> (sight: Predecessors.Sight, reads: Int) {
    let wait = try StartWait(environment: [:])
    defer { wait.close() }
    let files = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    var old = rlimit()
    try #require(getrlimit(files, &old) == 0)
    func limit(to count: rlim_t) {
      var limit = rlimit(rlim_cur: count, rlim_max: old.rlim_max)
      precondition(setrlimit(files, &limit) == 0)
    }
    var reads = 0
    limit(to: 0)
    defer { limit(to: old.rlim_cur) }
    let sight = try Predecessors.look(
      wait,
      Clock(
        monotonic: {
          reads += 1
          return clock(reads) { limit(to: old.rlim_cur) }
        }, sinceEpoch: { .zero }, bootTicks: { 0 }))
    return (sight, reads)
  }

  @Test func theRunsOfADaemonThatHasGoneAreFoundAndNamed() async {
    await #expect(processExitsWith: .success) {
      try withOwners { scene in
        let mark = try PredecessorsTests.mark(scene)
        let first = try PredecessorsTests.child(of: mark, id: "web", in: scene)
        // A later process of the same run may have got another name.
        var later = try PredecessorsTests.child(of: mark, id: "other", in: scene)
        while later.child.startTime == first.child.startTime {
          try later.end(in: scene)
          later = try PredecessorsTests.child(of: mark, id: "other", in: scene)
        }
        let wait = try StartWait(environment: [:])
        let sight = try Predecessors.look(wait, .system)
        wait.close()
        let pids = [first.pid, later.pid]
        #expect(sight.search.byMark[mark.text]?.map(\.pid).sorted() == pids.sorted())
        #expect(sight.identifiers[first.pid] == "web" && sight.identifiers[later.pid] == nil)
        var definition = ProcessDefinition(id: "web", command: "true")
        definition.stopTimeout = .seconds(42)
        let found = try Predecessors(
          sight, try DataPlace(scene.configuration),
          [ConfiguredDefinition(definition)])
        let run = try #require(found.runs[mark.text])
        #expect(run.process == "web" && run.stopTimeout == .seconds(42))
        #expect(found.holder == nil)
        for child in [first, later] { try child.end(in: scene) }
      }
    }
  }

  @Test func aLookIsRepeatedUntilAllCanBeTold() async {
    await #expect(processExitsWith: .success) {
      try withOwners { scene in
        let mark = try PredecessorsTests.mark(scene)
        let child = try PredecessorsTests.child(of: mark, id: "web", in: scene)
        let (sight, reads) = try PredecessorsTests.lookInVain { count, restore in
          if count == 4 { restore() }
          return .zero
        }
        #expect(reads >= 4 && !sight.search.isUnclear)
        #expect(sight.search.byMark[mark.text]?.map(\.pid) == [child.pid])
        #expect(sight.identifiers[child.pid] == "web")
        try child.end(in: scene)
      }
    }
  }

  /// A start must not wait for ever, and what it could not tell stays unclear.
  @Test func aLookIsGivenUpAfterASecond() async {
    await #expect(processExitsWith: .success) {
      let (sight, reads) = try PredecessorsTests.lookInVain { count, _ in
        count == 1 ? .zero : count < 4 ? .milliseconds(999) : .seconds(1)
      }
      #expect(reads == 4 && sight.search.isUnclear && sight.identifiers.isEmpty)
    }
  }

  @Test func aLookEndsWithAClockThatStandsStill() async {
    await #expect(processExitsWith: .success) {
      let (sight, reads) = try PredecessorsTests.lookInVain { _, _ in .zero }
      #expect((400...600).contains(reads) && sight.search.isUnclear)
    }
  }
}
