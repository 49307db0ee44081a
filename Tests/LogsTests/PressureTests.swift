import Basics
import Logs
import TestSupport
import Testing
import UV

@Suite struct PressureTests {
  @Test func pressureIsToldOnceWhenMuchWaitsAndOnceWhenItIsWritten() throws {
    try withScene { scene in
      let log = try scene.log()
      let input = log.input(.stdout, run: nil)
      var events: [Bool] = []
      log.onPressure = { events.append($0) }
      let chunk = [UInt8](repeating: UInt8(ascii: "x"), count: 9_999) + [10]
      for _ in 0..<100 { input.write(chunk) }
      #expect(events == [], "a million bytes and their prefixes are less than 1 MiB")
      for _ in 0..<100 { input.write(chunk) }
      #expect(events == [true])
      try scene.flush(log)
      #expect(events == [true, false])
      for _ in 0..<300 { input.write(chunk) }
      #expect(events == [true, false, true])
      try scene.close(log)
      #expect(events == [true, false, true, false])
      #expect(try scene.bytes().count == 500 * 10_030)
    }
  }

  @Test func aWriterThatStopsWhenToldLosesNothing() throws {
    try withScene { scene in
      let log = try scene.log(maxBytes: 3_000_000, maxFiles: 100)
      let input = log.input(.stdout, run: nil)
      var isPaused = false
      log.onPressure = { isPaused = $0 }
      let chunk = Array(String(repeating: "0123456789\n", count: 20_000).utf8)
      var given = 0
      while given < 200 {
        while !isPaused, given < 200 {
          input.write(chunk)
          given += 1
        }
        try runLoop(scene.loop) { !isPaused || given == 200 }
      }
      let page = try scene.page(log, LogQuery(page: 1, pageSize: 1))
      #expect(page.total == 200 * 20_000)
      try scene.close(log)
    }
  }

  @Test func theBuffersOfManyLogsGoBackWhenTheyAreIdle() throws {
    try withScene { scene in
      let logs = try (0..<50).map { try scene.log("\($0).log") }
      let chunk = [UInt8](repeating: UInt8(ascii: "x"), count: 299_999) + [10]
      for round in 0..<3 {
        for log in logs { log.input(.stdout, run: nil).write(chunk) }
        for log in logs { try scene.flush(log) }
        let size = 300_000 + 5 * 30 + 4
        #expect(try scene.bytes("7.log").count == (round + 1) * size)
      }
      for log in logs { try scene.close(log) }
    }
  }
}
