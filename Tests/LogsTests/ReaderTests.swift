import Logs
import TestSupport
import Testing
import UV

/// Readers that go away, and readers that wait for their turn.
struct ReaderTests {
  private static let lines = 40_000

  /// A log of several megabytes that was there before.
  private func makeLog(_ scene: Scene) throws -> Log {
    var bytes: [UInt8] = []
    for number in 0..<Self.lines {
      bytes +=
        "[2026-01-01 00:00:00] STDOUT: line \(number) of \(String(repeating: "x", count: 60))\n"
        .utf8
    }
    try scene.write(bytes, to: "a.log")
    let log = try scene.log()
    _ = try scene.page(log, LogQuery(page: 1, pageSize: 1))
    return log
  }

  private let search = LogQuery(page: 1, pageSize: 10, text: "nothing like it")

  @Test func aSearchEndsWithItsReader() throws {
    try withScene { scene in
      let log = try makeLog(scene)
      var asked = 0
      var result: Result<LogPage, LogFailure>?
      let requester = PageRequester {
        asked += 1
        return asked < 5
      }
      log.page(search, for: requester) { result = $0 }
      try runLoop(scene.loop) { result != nil }
      guard case .failure(.readerGone) = result else {
        Issue.record("\(String(describing: result))")
        return
      }
      #expect(asked == 5)
      try scene.close(log)
    }
  }

  @Test func aPageThatIsNotBegunIsNotReadForAReaderWhoHasGone() throws {
    try withScene { scene in
      let log = try makeLog(scene)
      var result: Result<LogPage, LogFailure>?
      log.page(LogQuery(page: 1, pageSize: 10), for: PageRequester { false }) { result = $0 }
      try runLoop(scene.loop) { result != nil }
      #expect(throws: LogFailure.readerGone) { try result?.get() }
      try scene.close(log)
    }
  }

  @Test func readersTakeTurns() throws {
    try withScene { scene in
      let log = try makeLog(scene)
      // All wait: a reader that comes when a place is free takes it, and others that came before
      // still wait.
      var hasRoom = false
      scene.context.hasRoomForPages = { hasRoom }
      var order: [String] = []
      for name in Array(repeating: "many", count: 10) + ["few"] {
        log.page(search, for: PageRequester(name: name)) { _ in order.append(name) }
      }
      try scene.flush(log)
      hasRoom = true
      scene.context.resumeReading()
      try runLoop(scene.loop) { order.count == 11 }
      // Two are read at once, one of each; what is asked first is not always told first.
      #expect(try #require(order.firstIndex(of: "few")) <= 4)
      try scene.close(log)
    }
  }

  @Test func pagesWaitWhileThereIsNoRoomForThem() throws {
    try withScene { scene in
      let log = try makeLog(scene)
      var hasRoom = false
      scene.context.hasRoomForPages = { hasRoom }
      var results = 0
      log.page(search) { _ in results += 1 }
      log.page(LogQuery(page: 1, pageSize: 10)) { _ in results += 1 }
      try scene.flush(log)
      #expect(results == 0)
      #expect(scene.context.hasWaitingReaders)
      hasRoom = true
      scene.context.resumeReading()
      try runLoop(scene.loop) { results == 2 }
      #expect(!scene.context.hasWaitingReaders)
      try scene.close(log)
    }
  }

  /// Each of those that were passed over inside the call of the one before would take some of the
  /// stack.
  @Test func aHundredThousandReadersWhoHaveGoneArePassedOver() throws {
    try withScene { scene in
      let log = try makeLog(scene)
      var hasRoom = false
      scene.context.hasRoomForPages = { hasRoom }
      var arePresent = true
      var gone = 0
      for number in 0..<100_000 {
        let requester = PageRequester(name: "\(number % 1000)") { arePresent }
        log.page(search, for: requester) { result in
          if case .failure(.readerGone) = result { gone += 1 }
        }
      }
      var page: LogPage?
      log.page(search) { page = try? $0.get() }
      arePresent = false
      #expect(gone == 0)
      hasRoom = true
      scene.context.resumeReading()
      #expect(gone == 100_000)
      #expect(!scene.context.hasWaitingReaders)
      try runLoop(scene.loop) { page != nil }
      try scene.close(log)
    }
  }

  @Test func readersWhoHaveGoneAreForgottenWhileTheOthersWait() throws {
    try withScene { scene in
      let log = try makeLog(scene)
      var hasRoom = false
      scene.context.hasRoomForPages = { hasRoom }
      var results = 0
      var gone = 0
      for number in 0..<100_000 {
        let requester = PageRequester(name: "\(number % 7)") { number % 1000 == 0 }
        log.page(LogQuery(page: 1, pageSize: 1), for: requester) { result in
          switch result {
          case .success: results += 1
          case .failure: gone += 1
          }
        }
        #expect(number - gone <= 64 + 3 * (number / 1000 + 1))
      }
      #expect(results == 0)
      hasRoom = true
      scene.context.resumeReading()
      try runLoop(scene.loop) { results == 100 }
      #expect(gone == 99_900)
      try scene.close(log)
    }
  }
}
