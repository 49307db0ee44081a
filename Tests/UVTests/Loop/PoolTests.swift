import Glibc
import Synchronization
import TestSupport
import Testing
import UV

/// Which work gets a thread while other work hangs. All pools of a program share the threads of
/// libuv: one test at a time.
@Suite(.serialized) struct PoolTests {
  /// Threads that hang until the test lets them go.
  private final class Hangers: Sendable {
    private let reading: Int32
    private let writing: Int32
    private let alone: HangingWork?

    init(_ alone: HangingWork? = HangingWork()) throws {
      self.alone = alone
      var pipe: [Int32] = [-1, -1]
      try #require(Glibc.pipe(&pipe) == 0)
      (reading, writing) = (pipe[0], pipe[1])
    }

    deinit {
      Glibc.close(reading)
      Glibc.close(writing)
    }

    func hang() {
      var byte: UInt8 = 0
      _ = read(reading, &byte, 1)
    }

    func release(_ count: Int) {
      let bytes = [UInt8](repeating: 1, count: count)
      _ = write(writing, bytes, count)
    }
  }

  /// Hangs work on a lane, and returns how many have ended.
  private func hang(_ count: Int, _ lane: PoolLane, on loop: Loop, with hangers: Hangers) -> () ->
    Int
  {
    var ended = 0
    for _ in 0..<count {
      PoolWork.run(on: loop, lane) {
        hangers.hang()
      } then: {
        ended += 1
      }
    }
    return { ended }
  }

  private func canRun(_ lane: PoolLane, on loop: Loop) throws {
    var isDone = false
    PoolWork.run(on: loop, lane) {
      true
    } then: {
      isDone = $0
    }
    try runLoop(loop, limit: .seconds(20)) { isDone }
  }

  @Test func oneFrozenPlaceTakesNoMoreThanHalfOfTheThreads() throws {
    let hangers = try Hangers()
    try withLoop { loop in
      let logs = hang(100, .logs(directory: "/frozen"), on: loop, with: hangers)
      let pages = hang(100, .logPages(directory: "/frozen"), on: loop, with: hangers)
      let own = hang(100, .ownFiles(directory: "/frozen"), on: loop, with: hangers)
      #expect(loop.pool.runningCount <= max(1, loop.pool.threads / 2))
      #expect(loop.pool.queueLength == 300 - loop.pool.runningCount)
      for lane: PoolLane in [
        .logs(directory: "/other"), .logPages(directory: "/other"), .ownFiles(directory: "/other"),
        .start(place: "accounts"),
      ] {
        try canRun(lane, on: loop)
      }
      hangers.release(300)
      try runLoop(loop) { logs() + pages() + own() == 300 && !loop.pool.isBusy }
    }
  }

  /// Whatever its directories are called.
  @Test func oneFrozenFileSystemTakesNoMoreThanHalfOfTheThreads() throws {
    let hangers = try Hangers()
    try withLoop { loop in
      var ended: [() -> Int] = []
      for number in 0..<100 {
        ended.append(hang(1, .start(place: "/proc/\(number)"), on: loop, with: hangers))
        ended.append(hang(1, .ownFiles(directory: "/proc/a/\(number)"), on: loop, with: hangers))
        ended.append(hang(1, .logs(directory: "/proc/self/\(number)"), on: loop, with: hangers))
      }
      #expect(loop.pool.runningCount == max(1, loop.pool.threads / 2))
      #expect(loop.pool.waits(longerThan: .seconds(-1)).map(\.place) == ["/proc"])
      for lane: PoolLane in [
        .logs(directory: "/other"), .ownFiles(directory: "/other"), .start(place: "accounts"),
      ] {
        try canRun(lane, on: loop)
      }
      hangers.release(300)
      try runLoop(loop) { ended.reduce(0) { $0 + $1() } == 300 }
    }
  }

  @Test func logsNeverTakeTheLastTwoThreads() throws {
    let hangers = try Hangers()
    try withLoop { loop in
      var ended: [() -> Int] = []
      for number in 0..<20 {
        ended.append(hang(4, .logs(directory: "/frozen/\(number)"), on: loop, with: hangers))
        ended.append(hang(4, .logPages(directory: "/frozen/\(number)"), on: loop, with: hangers))
      }
      #expect(loop.pool.runningCount <= loop.pool.threads - 2)
      try canRun(.ownFiles(directory: "/own"), on: loop)
      try canRun(.start(place: "accounts"), on: loop)
      hangers.release(160)
      try runLoop(loop) { ended.reduce(0) { $0 + $1() } == 160 }
    }
  }

  /// Each kind has threads that no other takes, however many places hang.
  @Test func frozenStartsLeaveLogsTheirs() throws {
    let hangers = try Hangers()
    try withLoop { loop in
      var ended: [() -> Int] = []
      for number in 0..<100 {
        ended.append(hang(1, .start(place: "/frozen/\(number)"), on: loop, with: hangers))
      }
      try canRun(.logs(directory: "/logs"), on: loop)
      try canRun(.logPages(directory: "/logs"), on: loop)
      try canRun(.ownFiles(directory: "/own"), on: loop)
      if loop.pool.threads >= 8 { try canRun(.processes, on: loop) }
      hangers.release(100)
      try runLoop(loop) { ended.reduce(0) { $0 + $1() } == 100 }
    }
  }

  @Test func whatWaitsInOnePlaceIsBegunInItsOrder() throws {
    let order = Mutex<[Int]>([])
    let hangers = try Hangers()
    try withLoop { loop in
      let lane = PoolLane.start(place: "/ordered")
      // All that the place can have, and one that waits.
      var hung: [() -> Int] = []
      while loop.pool.queueLength == 0 { hung.append(hang(1, lane, on: loop, with: hangers)) }
      var done = 0
      for number in 0..<50 {
        PoolWork.run(on: loop, lane) {
          order.withLock { $0.append(number) }
        } then: {
          done += 1
        }
      }
      // One of the threads takes the one that waits, and hangs; one is left for the others. Of
      // several, one could take a number first and write it down last.
      hangers.release(2)
      try runLoop(loop) { done == 50 }
      #expect(order.withLock { $0 } == Array(0..<50))
      hangers.release(hung.count - 2)
      try runLoop(loop) { hung.reduce(0) { $0 + $1() } == hung.count }
    }
  }

  /// A thread goes on with the work of its place; what it has done is told although what it does
  /// next does not end.
  @Test func whatHasEndedIsToldWhileTheNextHangs() throws {
    let hangers = try Hangers()
    try withLoop { loop in
      let lane = PoolLane.ownFiles(directory: "/alone")
      let pool = loop.pool
      let first = hang(pool.threads, lane, on: loop, with: hangers)
      let (running, waiting) = (pool.runningCount, pool.queueLength)
      // One thread is free again, and does a piece of work before the next one hangs.
      hangers.release(1)
      try runLoop(loop) { first() == 1 }
      var told = 0
      PoolWork.run(on: loop, lane) {
      } then: {
        told += 1
      }
      let second = hang(pool.threads, lane, on: loop, with: hangers)
      hangers.release(waiting)
      try runLoop(loop) { told == 1 && first() == waiting + 1 }
      #expect(pool.runningCount == running && second() == 0)
      hangers.release(2 * pool.threads)
      try runLoop(loop) { first() + second() == 2 * pool.threads }
    }
  }

  /// However much one place has to do, another one has its turn soon.
  @Test func aPlaceThatIsNeverDoneGivesItsThreadToOthers() async {
    await #expect(processExitsWith: .success) {
      setenv("UV_THREADPOOL_SIZE", "1", 1)
      let loop = try Loop()
      try WorkerPool.start(on: loop)
      var done = 0
      for _ in 0..<1000 {
        PoolWork.run(on: loop, .logs(directory: "/busy")) {
          Clock.sleep(.microseconds(500))
        } then: {
          done += 1
        }
      }
      var doneBefore: Int?
      PoolWork.run(on: loop, .ownFiles(directory: "/own")) {
      } then: {
        doneBefore = done
      }
      try runLoop(loop) { done == 1000 }
      #expect(try #require(doneBefore) < 100)
      loop.run()
      try loop.close()
    }
  }

  /// Work that comes faster than it is done wakes the loop now and then, not for each piece.
  @Test func manyPiecesOfOnePlaceWakeTheLoopForSeveralAtATime() throws {
    try withLoop { loop in
      var done = 0
      var turns = 0
      for _ in 0..<1000 {
        PoolWork.run(on: loop, .logs(directory: "/many")) {
        } then: {
          done += 1
        }
      }
      try runLoop(loop) {
        turns += 1
        return done == 1000
      }
      // One thread for each piece, four at a time, would take 250.
      #expect(turns < 250)
    }
  }

  @Test func workThatWaitsCanBeGivenUp() throws {
    let hangers = try Hangers()
    try withLoop { loop in
      let lane = PoolLane.start(place: "/frozen")
      let ended = hang(loop.pool.threads, lane, on: loop, with: hangers)
      let waiting = loop.pool.queueLength
      #expect(waiting > 0)
      let work = PoolWork.run(on: loop, lane) {
        Issue.record("it was given up before it began")
      } then: {
        Issue.record("it was given up")
      }
      #expect(loop.pool.queueLength == waiting + 1)
      work.cancel()
      work.cancel()
      #expect(loop.pool.queueLength == waiting)
      hangers.release(loop.pool.threads)
      try runLoop(loop) { ended() == loop.pool.threads }
    }
  }

  @Test func theOldestWorkTellsHowLongItHasWaited() throws {
    let hangers = try Hangers()
    try withLoop { loop in
      #expect(loop.pool.longestWait == .zero && loop.pool.timeWithoutProgress == .zero)
      let ended = hang(1, .logs(directory: "/frozen"), on: loop, with: hangers)
      try loop.run(upTo: .milliseconds(60)) { false }
      #expect(loop.pool.longestWait >= .milliseconds(50))
      #expect(loop.pool.timeWithoutProgress >= .milliseconds(50))
      let waits = loop.pool.waits(longerThan: .milliseconds(50))
      #expect(waits.map(\.place) == ["/frozen"] && waits.map(\.running) == [1])
      #expect(loop.pool.waits(longerThan: .seconds(60)) == [])
      hangers.release(1)
      try runLoop(loop) { ended() == 1 }
      #expect(loop.pool.longestWait == .zero)
    }
  }

  /// What hangs since an earlier loop has threads that are not to be counted on, until it ends.
  @Test func workThatAnEarlierLoopHasLeftKeepsItsThreads() throws {
    // The work that is left behind keeps its own for good.
    let (old, new) = (try Hangers(nil), try Hangers())
    let earlier = try Loop()
    _ = hang(4, .ownFiles(directory: "/frozen"), on: earlier, with: old)
    try earlier.abandon()
    try withLoop { loop in
      let pool = loop.pool
      #expect(pool.runningCount == 0 && pool.busyThreads == 4)
      let logs = hang(10, .logs(directory: "/frozen"), on: loop, with: new)
      let pages = hang(10, .logPages(directory: "/frozen"), on: loop, with: new)
      #expect(pool.busyThreads == max(4, pool.threads / 2))
      let others = (0..<10).map { hang(2, .logs(directory: "/\($0)"), on: loop, with: new) }
      #expect(pool.busyThreads <= pool.threads - 2)
      try canRun(.ownFiles(directory: "/own"), on: loop)
      try canRun(.start(place: "accounts"), on: loop)
      old.release(4)
      // Nothing tells that it has ended: the daemon tries from time to time, too.
      let count = pool.runningCount
      let timer = try Timer(on: loop)
      timer.start(after: .zero, repeating: .milliseconds(1)) { pool.beginWaiting() }
      try runLoop(loop) { pool.runningCount > count }
      timer.close()
      new.release(40)
      try runLoop(loop) {
        logs() + pages() + others.map { $0() }.reduce(0, +) == 40 && !pool.isBusy
      }
      #expect(pool.busyThreads == 0)
    }
  }

  /// With so few threads the last one is left to others, and with one all goes on in its order.
  @Test(arguments: [1, 2, 3, 4, 8])
  func fewThreadsDoAsWell(_ threads: Int) async {
    await #expect(processExitsWith: .success) { [threads] in
      setenv("UV_THREADPOOL_SIZE", "\(threads)", 1)
      let hangers = try Hangers()
      let loop = try Loop()
      try WorkerPool.start(on: loop)
      #expect(loop.pool.threads == threads)
      let ended = PoolTests().hang(10, .logs(directory: "/frozen"), on: loop, with: hangers)
      if threads > 1 {
        try PoolTests().canRun(.ownFiles(directory: "/own"), on: loop)
        try PoolTests().canRun(.start(place: "accounts"), on: loop)
      }
      hangers.release(10)
      try runLoop(loop) { ended() == 10 }
      loop.run()
      try loop.close()
    }
  }

  /// What the daemon sets for libuv is not for its children.
  @Test func theNumberOfThreadsIsNotInherited() async {
    await #expect(processExitsWith: .success) {
      unsetenv("UV_THREADPOOL_SIZE")
      let loop = try Loop()
      try WorkerPool.start(on: loop)
      #expect(loop.pool.threads == 16)
      #expect(getenv("UV_THREADPOOL_SIZE") == nil)
      loop.run()
      try loop.close()
    }
  }
}
