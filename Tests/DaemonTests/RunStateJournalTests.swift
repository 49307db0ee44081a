import ExeioDaemon
import Glibc
import Supervision
import TestSupport
import Testing
import UV

/// The run state is what the daemon knows, whatever is done to its file.
struct RunStateJournalTests {
  let directory: TemporaryDirectory
  let path: String

  init() throws {
    directory = try TemporaryDirectory()
    try Files.createDirectories(directory.file("data"), mode: 0o700)
    path = directory.file("data/run-state")
  }

  private func journal(
    on loop: Loop, dataDirectory: String? = nil, intentDelay: Duration = .milliseconds(2)
  ) throws -> RunStateJournal {
    let token = try DaemonToken(dataDirectory: dataDirectory ?? directory.file("data"))
    return try RunStateJournal(
      path: path, bootID: "boot", token: token, keeping: [], on: loop, intentDelay: intentDelay)
  }

  /// What the file says once the pool has written it.
  private func written(by journal: RunStateJournal, on loop: Loop) throws -> RunState {
    try runLoop(loop) { journal.isWritten }
    return RunState(try Files.read(path, limit: 1 << 20), bootID: "boot")
  }

  private let web = ProcessDefinition(id: "web", command: "web")

  @Test func theFileStaysSmallOverAThousandRuns() throws {
    try withLoop { loop in
      let journal = try journal(on: loop)
      let kept = journal.intend(web).number
      journal.began(kept, leader: 100, startTime: 5)
      for _ in 0..<1000 {
        let number = journal.intend(web).number
        journal.began(number, leader: 101, startTime: 6)
        journal.ended(number)
        #expect(try written(by: journal, on: loop).runs.keys.sorted() == [kept])
      }
      // Three lines each would be 3,000.
      let lines = try Files.read(path, limit: 1 << 20).count { $0 == UInt8(ascii: "\n") }
      #expect(lines < 1100)
      journal.close()
    }
  }

  /// Most starts are over in less than a millisecond: one write for both lines is enough.
  @Test func theLineOfAnIntentGoesWithThatOfTheBeginning() throws {
    try withLoop { loop in
      let journal = try journal(on: loop, intentDelay: .seconds(3600))
      _ = try written(by: journal, on: loop)
      let number = journal.intend(web).number
      for _ in 0..<3 { loop.run(.noWait) }
      #expect(!loop.pool.isBusy && !journal.isWritten)
      journal.began(number, leader: 100, startTime: 5)
      let state = try written(by: journal, on: loop)
      #expect(state.runs[number]?.leader == RunState.Run.Leader(pid: 100, startTime: 5))
      journal.close()
    }
  }

  @Test func anIntentThatNothingFollowsIsWrittenTooAndSoIsTheLastOne() throws {
    try withLoop { loop in
      let journal = try journal(on: loop)
      let number = journal.intend(web).number
      #expect(try written(by: journal, on: loop).runs.keys.sorted() == [number])
      let last = journal.intend(web).number
      journal.close()
      #expect(try written(by: journal, on: loop).runs.keys.sorted() == [number, last])
    }
  }

  /// What cleaners, editors and people do to a file.
  enum Harm: CaseIterable {
    case removed, renamed, emptied, lengthened, fifo, link, directoryRemoved
    case becameDirectory, directoryInTheWay
  }

  private func harm(_ harm: Harm) throws {
    func check(_ result: Int32) throws { try #require(result == 0) }
    switch harm {
    case .removed: try check(unlink(path))
    case .renamed: try check(rename(path, directory.file("other")))
    case .emptied: try check(truncate(path, 0))
    case .lengthened:
      var file = try AppendFile(path: path, mode: 0o600)
      try file.append(Array("nonsense\n".utf8))
      file.close()
    case .fifo:
      try check(unlink(path))
      try check(mkfifo(path, 0o600))
    case .link:
      try check(rename(path, directory.file("other")))
      try check(symlink("../other", path))
    case .becameDirectory:
      try check(unlink(path))
      try check(mkdir(path, 0o700))
    case .directoryInTheWay:
      try check(unlink(path))
      try check(mkdir("\(path).tmp", 0o700))
    case .directoryRemoved:
      try check(unlink(path))
      try check(rmdir(directory.file("data")))
    }
  }

  @Test(arguments: Harm.allCases)
  func theNextLineMendsWhatWasDoneToTheFile(done: Harm) throws {
    try withLoop { loop in
      let journal = try journal(on: loop)
      let first = journal.intend(web).number
      journal.began(first, leader: 100, startTime: 5)
      _ = try written(by: journal, on: loop)
      try harm(done)
      let second = journal.intend(web).number
      #expect(try written(by: journal, on: loop).runs.keys.sorted() == [first, second])
      #expect(
        try written(by: journal, on: loop).runs[first]?.leader
          == RunState.Run.Leader(pid: 100, startTime: 5))
      #expect(journal.failure == nil)
      journal.close()
    }
  }

  @Test func whatCouldNotBeWrittenIsWrittenLater() throws {
    try withLoop { loop in
      // A file in the place of the directory.
      try #require(rename(directory.file("data"), directory.file("away")) == 0)
      try Files.createNew(directory.file("data"), mode: 0o600, contents: [])
      let journal = try journal(on: loop, dataDirectory: directory.file("away"))
      var changes: [Bool] = []
      journal.onChange = { changes.append($0 == nil) }
      try runLoop(loop) { !changes.isEmpty }
      #expect(journal.failure != nil)
      let number = journal.intend(web).number
      try #require(unlink(directory.file("data")) == 0)
      try runLoop(loop) { changes.count > 1 }
      #expect(changes == [false, true] && journal.failure == nil)
      #expect(try written(by: journal, on: loop).runs.keys.sorted() == [number])
      journal.close()
    }
  }

  @Test(.enabled(if: HangingFiles.isPossible, "a file system of fuse(4) cannot be mounted here"))
  func aDiskThatHangsHoldsUpNothingAndGetsTheLinesInTheirOrder() throws {
    let files = try HangingFiles(at: directory.file("data"))
    try withLoop { loop in
      let journal = try journal(on: loop)
      _ = try written(by: journal, on: loop)
      try files.hang(.write)
      let first = journal.intend(web).number
      loop.run { loop.pool.isBusy }
      try files.waitUntilHeld(.write)
      journal.began(first, leader: 100, startTime: 5)
      var runs: [UInt64] = []
      for _ in 0..<3000 { runs.append(journal.intend(web).number) }
      for run in runs.dropLast() { journal.ended(run) }
      loop.run(.noWait)
      #expect(!journal.isWritten)
      try files.goOn()
      let state = try written(by: journal, on: loop)
      #expect(state.runs.keys.sorted() == [first, runs[2999]])
      #expect(state.runs[first]?.leader == RunState.Run.Leader(pid: 100, startTime: 5))
      journal.close()
    }
  }
}
