import API
import Basics
import Glibc
import Logs
import Supervision
import TestSupport
import Testing
import UV

@testable import ExeioDaemon

/// The logs of the processes: opened, closed, cleared and made again, and their problems shown as
/// long as there are any.
struct ProcessLogsTests {
  private let web = ProcessDefinition(id: "web", command: "web")

  private func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  @Test func aLogIsOpenedAndClosedAndItsFileStays() throws {
    try withOwners { scene in
      scene.logs.open(web)
      scene.logs.write("a line", to: "web")
      #expect(try scene.lines(of: "web").contains { $0.hasSuffix("a line") })
      var failures: [String?] = []
      scene.logs.close("web", deletesFiles: false) { failures.append($0) }
      #expect(scene.logs["web"] == nil)
      try scene.wait { failures.count == 1 }
      #expect(failures == [nil] && exists(scene.configuration.logFile("web")))
      // There is none any more.
      scene.logs.write("late", to: "web")
      scene.logs.close("web", deletesFiles: true) { failures.append($0) }
      #expect(failures == [nil, nil])
    }
  }

  /// One whose file system does not answer goes on closing after its process is gone.
  @Test func whatALogTellsAfterItsProcessIsNotShown() throws {
    for deletesFiles in [false, true] {
      try withOwners { scene in
        scene.logs.open(web)
        _ = try scene.lines(of: "web")
        let log = try #require(scene.logs["web"])
        var isDone = false
        scene.logs.close("web", deletesFiles: deletesFiles) { _ in isDone = true }
        try scene.wait { isDone }
        log.onLoss?("No space left on device")
        log.onTrouble?(log, UVError(code: -EIO, operation: "rename", subject: log.path))
        #expect(scene.problems.list.all.isEmpty, "\(scene.problems.list.all)")
      }
    }
  }

  @Test func aLogThatIsDeletedLeavesNothing() throws {
    try withOwners { scene in
      scene.logs.open(web)
      _ = try scene.lines(of: "web")
      var isDone = false
      scene.logs.close("web", deletesFiles: true) { _ in isDone = true }
      try scene.wait { isDone }
      #expect(!exists(scene.configuration.logFile("web")))
    }
  }

  @Test func aLogIsClearedOrItIsSaidWhyNot() throws {
    try withOwners { scene in
      scene.logs.open(web)
      scene.logs.write("a line", to: "web")
      var failures: [String?] = []
      scene.logs.clear("web") { failures.append($0) }
      try scene.wait { failures.count == 1 }
      #expect(try !scene.lines(of: "web").contains { $0.hasSuffix("a line") })
      scene.logs.clear("other") { failures.append($0) }
      #expect(
        failures == [nil, "the log of process 'other' cannot be opened: see GET /logs/exeio"])
    }
  }

  @Test func whatIsNoLogIsAProblemUntilItsProcessIsGone() throws {
    try withOwners { scene in
      let path = scene.configuration.logFile("web")
      try Files.createDirectories(path, mode: 0o700)
      scene.logs.open(web)
      try scene.wait { !scene.problems.list.all.isEmpty }
      let problem = try #require(scene.problems.list.all.first)
      #expect(problem.code == .logWrite && problem.subject == "web")
      #expect(problem.message.hasPrefix("the log of process 'web' cannot be opened"))
      var isDone = false
      scene.logs.close("web", deletesFiles: false) { _ in isDone = true }
      try scene.wait { isDone }
      #expect(scene.problems.list.all.isEmpty)
    }
  }

  @Test func allFilesAreMadeAgain() throws {
    try withOwners { scene in
      scene.logs.open(web)
      // Both are there once they have been written to.
      for name in ["web", "exeio"] { _ = try scene.lines(of: name) }
      for name in ["web", "exeio"] {
        #expect(rename(scene.configuration.logFile(name), scene.directory.file(name)) == 0)
      }
      var isDone = false
      scene.logs.reopenAll(because: .user1) { isDone = true }
      try scene.wait { isDone }
      #expect(exists(scene.configuration.logFile("web")))
      #expect(
        try scene.lines(of: "exeio").contains { $0.hasSuffix("Log files reopened (SIGUSR1)") })
    }
  }

  @Test func theLogsOfFormerCopiesAreDeletedAndNoOthers() throws {
    try withOwners { scene in
      _ = try scene.lines(of: "exeio")
      let names = ["web.0", "web.1", "web.2", "web.x", "web.01", "webs.1"]
      for name in names {
        try Files.createNew(scene.configuration.logFile(name), mode: 0o600, contents: [])
      }
      scene.logs.deleteLogs(ofFormerCopies: "web") { $0 == "web.0" }
      try scene.wait { !exists(scene.configuration.logFile("web.2")) }
      try scene.wait { !exists(scene.configuration.logFile("web.1")) }
      for name in ["web.0", "web.x", "web.01", "webs.1"] {
        #expect(exists(scene.configuration.logFile(name)), "\(name)")
      }
    }
  }

  @Test(arguments: [
    (["web.0.log", "web.0.log.1", "web.0.log.numbers", "web.10.log"], ["web.0", "web.10"]),
    (
      [
        "web.log", "web.-1.log", "web.00.log", "web.1", "web..log", "webb.1.log", "web.log.numbers",
      ], []
    ),
  ])
  func copiesAreToldByTheirNames(names: [String], copies: [String]) {
    #expect(ProcessLogs.copies(of: "web", in: names) == copies)
  }
}
