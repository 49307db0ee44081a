import Logs
import Supervision
import TestSupport
import Testing
import UV

@testable import ExeioDaemon

/// The supervisor's own log: what is written at which level, and how.
struct SupervisorLogTests {
  /// The lines that a log of a level writes.
  private func lines(
    of level: LogLevel, _ body: (SupervisorLog) -> Void
  ) throws -> [String] {
    let directory = try TemporaryDirectory()
    let path = directory.file("exeio.log")
    // It is there until the loop has run dry: it closes in later turns.
    _ = try withLoop { loop in
      let context = LogContext(loop: loop, origin: "test", now: { .seconds(1_800_000_000) })
      let log = Log(path: path, limits: LogLimits(maxBytes: 1 << 20, maxFiles: 1), context: context)
      body(SupervisorLog(log, level: level, journal: nil))
      log.close { _ in context.close() }
      return log
    }
    let text = String(decoding: try Files.read(path, limit: 1 << 20), as: UTF8.self)
    return text.split(separator: "\n").map(String.init)
  }

  private func writeAll(_ log: SupervisorLog) {
    log.error("one")
    log.warning("two")
    log.info("three")
    log.debug("four")
    // Those that the journal alone gets are not in the file.
    log.warnOutside("five")
  }

  private static let texts = ["error: one", "warning: two", "three", "four"]

  @Test(arguments: zip([LogLevel.error, .warning, .info, .debug], 1...4))
  func whatIsLessSevereIsLeftOut(level: LogLevel, count: Int) throws {
    let lines = try lines(of: level, writeAll)
    #expect(lines.count == count, "\(lines)")
    for (line, text) in zip(lines, Self.texts) { #expect(line.hasSuffix(" \(text)"), "\(line)") }
    // A level stands in the line only where it is something to look for.
    #expect(!lines.dropFirst(2).contains { $0.contains("info") || $0.contains("debug") })
  }

  /// A line for each request would cost a lot if the operator does not want it.
  @Test func aLineThatIsNotWantedIsNotMade() throws {
    var made = 0
    func line() -> String {
      made += 1
      return "line"
    }
    _ = try lines(of: .info) { $0.debug(line()) }
    #expect(made == 0)
    #expect(try lines(of: .debug) { $0.debug(line()) }.count == 1)
    #expect(made == 1)
  }

  @Test func itSaysWhatItWrites() throws {
    _ = try lines(of: .warning) { log in
      #expect(log.writes(.error) && log.writes(.warning))
      #expect(!log.writes(.info) && !log.writes(.debug))
      #expect(!log.isInJournal)
    }
  }
}
