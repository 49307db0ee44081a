import Basics
import TestSupport
import Testing
import UV

@testable import Logs

/// What a log consists of goes with it.
@Suite struct LifetimeTests {
  /// What is there of a log that this does not keep.
  private struct Parts {
    weak var log: Log?
    weak var writer: LogWriter?
    weak var files: LogFiles?
    weak var input: LogInput?

    var areGone: Bool { log == nil && writer == nil && files == nil && input == nil }
  }

  @Test(arguments: [false, true])
  func nothingIsLeftOfALogThatHasEnded(_ deletesFiles: Bool) throws {
    try withScene { scene in
      var parts = Parts()
      try { () throws in
        let log = try scene.log(maxBytes: 100, maxFiles: 2)
        log.onPressure = { _ in }
        log.onTrouble = { _, _ in }
        let input = log.input(.stdout, run: nil)
        parts = Parts(log: log, writer: log.writer, files: log.files, input: input)
        #expect(!parts.areGone)
        input.write(RotationTests.lines(0..<20))
        log.system("a line")
        try scene.flush(log)
        log.reopen()
        #expect(try scene.page(log, LogQuery(page: 1, pageSize: 2)).lines.count == 2)
        if deletesFiles {
          try scene.wait { done in log.delete { _ in done() } }
        } else {
          try scene.close(log)
        }
      }()
      try runLoop(scene.loop) { parts.areGone }
    }
  }

  @Test func aLogThatCannotBeOpenedIsGoneWithoutBeingClosed() throws {
    try withScene { scene in
      try Files.createDirectories(scene.directory.file("a.log"), mode: 0o755)
      var parts = Parts()
      #expect(throws: UVError.self) {
        let log = Log(
          path: scene.directory.file("a.log"), limits: LogLimits(maxBytes: 0, maxFiles: 5),
          context: scene.context)
        parts = Parts(log: log, writer: log.writer, files: log.files)
        var failure: UVError?
        try scene.wait { done in
          log.whenOpen {
            failure = $0
            done()
          }
        }
        if let failure { throw failure }
      }
      try runLoop(scene.loop) { parts.areGone }
    }
  }
}
