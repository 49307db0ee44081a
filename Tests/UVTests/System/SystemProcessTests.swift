import Glibc
import TestSupport
import Testing
import UV

struct SystemProcessTests {
  @Test func ourOwnRecordIsFound() throws {
    let pid = SystemProcess.ownPID
    #expect(pid == getpid())
    let start = try #require(ProcessTable.startTime(of: pid))
    let members = membersOfSession(getsid(0))
    #expect(members.contains { $0.pid == pid && $0.startTime == start })
    #expect(ProcessTable.startTime(of: Int32.max) == nil)
  }

  @Test func aNameWithSpacesAndParenthesesIsReadRight() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("a) Z 1 (b")
    try withScheduler { loop, scheduler in
      try #require(symlink("/bin/sleep", path) == 0)
      let scene = try Scene(path, ["100"], on: loop, scheduler)
      let pid = scene.child.pid
      let members = membersOfSession(pid)
      #expect(members.map(\.pid) == [pid])
      try ProcessGroups.signal(SIGKILL, group: pid)
      try runLoop(loop) { scene.isOver }
      scene.child.close()
    }
  }

  @Test func theSystemIsDescribed() throws {
    #expect(try #require(ProcessTable.bootID).count == 36)
    let directory = try #require(SystemProcess.currentDirectory)
    #expect(directory.hasPrefix("/"))
    #expect(SystemProcess.environment["PATH"]?.isEmpty == false)
    let descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
    #expect(!StandardStreams.isTerminal(descriptor))
    close(descriptor)
  }

  @Test func theClocksAgreeWithTheSystem() throws {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    let wall = Clock.wallTime
    #expect(wall >= .seconds(now.tv_sec) && wall < .seconds(now.tv_sec + 60))
    #expect(Clock.monotonicTime <= Clock.monotonicTime)
    let start = try #require(ProcessTable.startTime(of: getpid()))
    #expect(Clock.ticksSinceBoot >= start)
  }

  @Test func randomBytesAreAsManyAsAskedForAndDiffer() throws {
    #expect(try SystemProcess.randomBytes(0).isEmpty)
    let (first, second) = (try SystemProcess.randomBytes(32), try SystemProcess.randomBytes(32))
    #expect(first.count == 32 && first != second)
    #expect(try SystemProcess.randomBytes(100_000).count == 100_000)
  }

  @Test func outputToAReaderThatIsGoneIsPassedOver() async {
    let result = await #expect(
      processExitsWith: .success, observing: [\.standardErrorContent]
    ) {
      SystemProcess.ignoreBrokenPipes()
      var ends: [Int32] = [0, 0]
      try #require(pipe(&ends) == 0)
      dup2(ends[1], STDOUT_FILENO)
      close(ends[0])
      StandardStreams.writeOutput("nobody reads this\n")
      StandardStreams.writeError("this arrives\n")
    }
    let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(text.contains("this arrives\n"))
  }
}
