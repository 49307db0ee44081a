import Foundation
import Glibc
import TestSupport
import Testing

/// The files of processes, followed while the daemon runs.
struct ReloadTests {
  private func process(_ id: String, _ more: [String: Any] = [:]) -> [String: Any] {
    let process: [String: Any] = [
      "id": id, "command": "sleep", "args": ["1000"], "save_for_next_run": true,
    ]
    return process.merging(more) { $1 }
  }

  private func write(_ value: Any, to name: String, in directory: URL) throws {
    let file = directory.appendingPathComponent("config/\(name)")
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try JSONSerialization.data(withJSONObject: value).write(to: file)
  }

  /// The saved processes `a` and `b`, and `c` in a fragment; all of them run.
  private func start() throws -> DaemonUnderTest {
    let daemon = try DaemonUnderTest { directory in
      try write([process("a"), process("b")], to: "processes.json", in: directory)
      try write(process("c"), to: "processes.d/c.json", in: directory)
    }
    for id in ["a", "b", "c"] { try daemon.waitFor(id, status: "running") }
    return daemon
  }

  private func pid(_ id: String, of daemon: DaemonUnderTest) throws -> Int {
    try #require(try daemon.status(id)["pid"] as? Int)
  }

  private func ids(of daemon: DaemonUnderTest) throws -> [String] {
    try daemon.get("/list").list().compactMap { $0["id"] as? String }
  }

  private func changes(_ answer: Answer) throws -> [String: [String]] {
    #expect(answer.status == 200, "\(answer.text)")
    let object = try answer.object()
    return ["added", "removed", "updated", "unchanged"].reduce(into: [:]) {
      $0[$1] = object[$1] as? [String]
    }
  }

  @Test func onlyWhatDiffersIsTouched() throws {
    let daemon = try start()
    try daemon.addShell("unsaved", "exec sleep 1000")
    let (b, c) = (try pid("b", of: daemon), try pid("c", of: daemon))
    let a = Int32(try pid("a", of: daemon))
    try write([process("b", ["args": ["2000"]])], to: "processes.json", in: daemon.directory)
    try write(
      [process("d"), process("e")], to: "processes.d/more.json", in: daemon.directory)
    let expected = [
      "added": ["d", "e"], "removed": ["a"], "updated": ["b"], "unchanged": ["c"],
    ]
    #expect(try changes(daemon.post("/reload?dry_run=true")) == expected)
    #expect(try ids(of: daemon) == ["a", "b", "c", "unsaved"])
    #expect(try pid("b", of: daemon) == b)
    #expect(try changes(daemon.post("/reload")) == expected)
    #expect(try ids(of: daemon) == ["b", "c", "d", "e", "unsaved"])
    #expect(!SystemView.isAlive(a))
    #expect(try pid("b", of: daemon) != b)
    #expect(try pid("c", of: daemon) == c)
    for id in ["d", "e", "unsaved"] { try daemon.waitFor(id, status: "running") }
    // Now everything is as the files say.
    let again = try changes(daemon.post("/reload"))
    #expect(
      again == ["added": [], "removed": [], "updated": [], "unchanged": ["b", "c", "d", "e"]])
  }

  @Test func whatTheRunDoesNotSeeIsAppliedInPlace() throws {
    let daemon = try start()
    let a = try pid("a", of: daemon)
    try write(
      [process("a", ["labels": ["team": "web"]]), process("b")], to: "processes.json",
      in: daemon.directory)
    #expect(try changes(daemon.post("/reload"))["updated"] == ["a"])
    #expect(try pid("a", of: daemon) == a)
    #expect(try daemon.status("a")["labels"] as? [String: String] == ["team": "web"])
  }

  @Test func whatTheDaemonSavedItselfIsNoChange() throws {
    let daemon = try DaemonUnderTest()
    try daemon.add(process("plain"))
    try daemon.add(
      process(
        "full",
        [
          "environment": ["A": "b"], "restart_policy": "on-failure", "success_exit_codes": [0, 3],
          "restart_delay_seconds": [0.1, 1.5], "stop_timeout_seconds": 0.5, "umask": "0027",
          "limits": ["open_files": 100], "labels": ["a": "b"], "log_max_bytes": 100_000,
          "restart_above_memory_bytes": 1 << 30,
        ]))
    try daemon.add(process("job", ["schedule": "@daily", "overlap": "queue"]))
    #expect(
      try changes(daemon.post("/reload"))
        == ["added": [], "removed": [], "updated": [], "unchanged": ["full", "job", "plain"]])
  }

  @Test func aBrokenFileChangesNothingAndIsNamed() throws {
    let daemon = try start()
    let before = try ids(of: daemon).map { try pid($0, of: daemon) }
    try write([process("b")], to: "processes.json", in: daemon.directory)
    let broken = daemon.directory.appendingPathComponent("config/processes.d/z.json")
    try "[\n  {\"id\" \"x\"}\n]".write(to: broken, atomically: true, encoding: .utf8)
    for path in ["/reload", "/reload?dry_run=true"] {
      let answer = try daemon.post(path)
      #expect(answer.status == 409)
      let message = try answer.message
      #expect(
        message.hasPrefix("Nothing is reloaded: \(broken.path), line 2, column 9: "), "\(message)")
    }
    daemon.signal(SIGHUP)
    let line = try daemon.waitFor("exeio", lineContaining: "Nothing is reloaded: \(broken.path)")
    #expect(line.contains("error: "))
    #expect(try ids(of: daemon).map { try pid($0, of: daemon) } == before)
    try FileManager.default.removeItem(at: broken)
    #expect(try changes(daemon.post("/reload"))["removed"] == ["a"])
  }

  @Test func aHangUpReloadsAndReopensTheLogs() throws {
    let daemon = try start()
    try write([process("b"), process("d")], to: "processes.json", in: daemon.directory)
    let log = daemon.logDirectory.appendingPathComponent("exeio.log").path
    try FileManager.default.moveItem(atPath: log, toPath: log + ".old")
    daemon.signal(SIGHUP)
    try eventually("a is gone and d is there") { try ids(of: daemon) == ["b", "c", "d"] }
    try daemon.waitFor("d", status: "running")
    try daemon.waitFor("exeio", lineContaining: "(SIGHUP)")
    #expect(FileManager.default.fileExists(atPath: log))
  }

  @Test func whatAFragmentDefinesIsChangedThereAlone() throws {
    let daemon = try start()
    let file = daemon.directory.appendingPathComponent("config/processes.d/c.json")
    let text = try Data(contentsOf: file)
    for (path, body) in [
      ("/remove/c", nil), ("/update/c", #"{"command": "sleep", "args": ["5"]}"#),
    ] {
      let answer = try daemon.post(path, body)
      #expect(answer.status == 409)
      let message = try answer.message
      #expect(message.contains(file.path), "\(message)")
    }
    // It is stopped and started like any other.
    #expect(try daemon.post("/stop/c").status == 200)
    #expect(try daemon.post("/start/c").status == 200)
    // A save of the others leaves it where it is.
    #expect(try daemon.add(process("d")).status == 201)
    let saved = try JSONSerialization.jsonObject(with: Data(contentsOf: daemon.processesFile))
    #expect((saved as? [[String: Any]])?.compactMap { $0["id"] as? String } == ["a", "b", "d"])
    #expect(try Data(contentsOf: file) == text)
    try FileManager.default.removeItem(at: file)
    #expect(try changes(daemon.post("/reload"))["removed"] == ["c"])
  }

  /// What is being saved is not in the file yet, and not to be taken for removed.
  @Test func aReloadDuringASaveLosesNothing() throws {
    let daemon = try DaemonUnderTest()
    var all: [String] = []
    for round in 0..<10 {
      let id = "p\(round)"
      let body = String(
        decoding: try JSONSerialization.data(withJSONObject: process(id)), as: UTF8.self)
      let sockets = [try daemon.connect(), try daemon.connect()]
      for (socket, (path, text)) in zip(sockets, [("/add", body), ("/reload", "")]) {
        try socket.send(
          "POST \(daemon.path(path)) HTTP/1.1\r\nHost: 127.0.0.1:\(daemon.port)\r\n"
            + "exeio-api-key: test-key\r\nContent-Length: \(text.utf8.count)\r\n\r\n\(text)")
      }
      #expect(try sockets[0].receiveAnswer(toHead: false).status == 201)
      let reloaded = try sockets[1].receiveAnswer(toHead: false)
      #expect(try changes(reloaded)["removed"] == [])
      all.append(id)
      #expect(try ids(of: daemon) == all)
    }
  }

  private func ids(in file: URL) throws -> [String] {
    let saved = try JSONSerialization.jsonObject(with: Data(contentsOf: file))
    return (saved as? [[String: Any]])?.compactMap { $0["id"] as? String } ?? []
  }

  @Test func whatStandsInTheFileIsSavedByStandingThere() throws {
    let plain: [String: Any] = ["id": "mine", "command": "sleep", "args": ["1000"]]
    let daemon = try DaemonUnderTest { try self.write([plain], to: "processes.json", in: $0) }
    #expect(try daemon.status("mine")["save_for_next_run"] as? Bool == true)
    #expect(try daemon.add(process("other")).status == 201)
    #expect(try ids(in: daemon.processesFile) == ["mine", "other"])
    #expect(try changes(daemon.post("/reload"))["unchanged"] == ["mine", "other"])
    try write([process("other")], to: "processes.json", in: daemon.directory)
    #expect(try changes(daemon.post("/reload"))["removed"] == ["mine"])
  }

  @Test func filesThatAreMissingAreNotTakenForEmpty() throws {
    let daemon = try start()
    let before = try ids(of: daemon)
    let config = daemon.directory.appendingPathComponent("config")
    for name in ["processes.json", "processes.d"] {
      let file = config.appendingPathComponent(name).path
      try FileManager.default.moveItem(atPath: file, toPath: file + ".away")
      let answer = try daemon.post("/reload")
      #expect(answer.status == 409)
      #expect(try answer.message.contains("\(name)' is missing"))
      #expect(try ids(of: daemon) == before)
      try FileManager.default.moveItem(atPath: file + ".away", toPath: file)
    }
    #expect(try changes(daemon.post("/reload"))["removed"] == [])
  }

  @Test func whatAnotherHandHasWrittenIsNotOverwritten() throws {
    let daemon = try start()
    try write([process("a"), process("hand")], to: "processes.json", in: daemon.directory)
    let text = try Data(contentsOf: daemon.processesFile)
    let pids = try ids(of: daemon).map { try pid($0, of: daemon) }
    for (path, body) in [
      ("/add", #"{"id": "new", "command": "true", "save_for_next_run": true}"#),
      ("/update/a", #"{"command": "sleep", "args": ["5"], "save_for_next_run": true}"#),
      ("/scale/a", #"{"instances": 2}"#), ("/remove/a", ""),
    ] {
      let answer = try daemon.post(path, body)
      #expect(answer.status == 409, "\(path)")
      #expect(try answer.message.contains("POST /reload first"), "\(path)")
      #expect(try Data(contentsOf: daemon.processesFile) == text)
    }
    #expect(try ids(of: daemon).map { try pid($0, of: daemon) } == pids)
    let problems = try daemon.get("/health").object()["problems"] as? [[String: String]]
    #expect(problems?.map { $0["code"] } == ["processes_file"])
    // Either it is read ...
    #expect(try changes(daemon.post("/reload"))["added"] == ["hand"])
    #expect((try daemon.get("/health").object()["problems"] as? [Any])?.isEmpty == true)
    #expect(try daemon.add(process("new")).status == 201)
    // ... or overwritten, and there is a copy of it.
    try write([process("lost")], to: "processes.json", in: daemon.directory)
    #expect(try daemon.post("/remove/new?force=true").status == 200)
    #expect(try ids(in: daemon.processesFile) == ["a", "hand"])
    let backup = daemon.processesFile.path + ".forced.bak"
    #expect(try ids(in: URL(fileURLWithPath: backup)) == ["lost"])
    // What is kept stays when more is overwritten.
    try write([process("lost-too")], to: "processes.json", in: daemon.directory)
    #expect(try daemon.post("/remove/hand?force=true").status == 200)
    #expect(try ids(in: URL(fileURLWithPath: backup)) == ["lost"])
    #expect(try ids(in: URL(fileURLWithPath: backup + ".1")) == ["lost-too"])
    // There is an end to it, and nothing is lost then.
    for number in 2..<100 {
      try "".write(toFile: "\(backup).\(number)", atomically: false, encoding: .utf8)
    }
    try write([process("kept")], to: "processes.json", in: daemon.directory)
    let refused = try daemon.post("/remove/a?force=true")
    #expect(refused.status == 409)
    #expect(try refused.message.contains("move them away first"))
    #expect(try ids(in: daemon.processesFile) == ["kept"])
    #expect(try ids(of: daemon).contains("a"))
  }

  @Test func aRewriteChangesTheContentAlone() throws {
    let daemon = try DaemonUnderTest()
    let path = daemon.processesFile.path
    func status() -> stat {
      var status = stat()
      #expect(stat(path, &status) == 0)
      return status
    }
    #expect(try daemon.add(process("a")).status == 201)
    #expect(status().st_mode & 0o777 == 0o600)
    let isRoot = geteuid() == 0
    #expect(chmod(path, 0o640) == 0)
    if isRoot { #expect(chown(path, 0, 12345) == 0) }
    #expect(try daemon.add(process("b")).status == 201)
    #expect(status().st_mode & 0o777 == 0o640)
    if isRoot { #expect(status().st_gid == 12345) }
    #expect(try ids(in: daemon.processesFile) == ["a", "b"])
  }

  @Test func aStartLeavesABrokenFragmentOutAndNamesIt() throws {
    let daemon = try DaemonUnderTest { directory in
      try self.write([self.process("a")], to: "processes.json", in: directory)
      try self.write(self.process("good"), to: "processes.d/good.json", in: directory)
      try self.write([1], to: "processes.d/bad.json", in: directory)
    }
    for id in ["a", "good"] { try daemon.waitFor(id, status: "running") }
    let problems = try daemon.get("/health").object()["problems"] as? [[String: String]]
    #expect(problems?.map { $0["code"] } == ["definition_file"])
    #expect(problems?.first?["message"]?.contains("processes.d/bad.json' is left out: ") == true)
    try daemon.waitFor("exeio", lineContaining: "processes.d/bad.json' is left out: ")
    #expect(try daemon.post("/reload").status == 409)
    try write(process("mended"), to: "processes.d/bad.json", in: daemon.directory)
    #expect(try changes(daemon.post("/reload"))["added"] == ["mended"])
    #expect((try daemon.get("/health").object()["problems"] as? [Any])?.isEmpty == true)
    daemon.signal(SIGTERM)
    #expect(daemon.waitForExit() == 0)
    let said = daemon.errorOutput()
    #expect(said.contains("exeio: warning: "), "\(said)")
    #expect(said.contains("processes.d/bad.json' is left out: "), "\(said)")
  }

  @Test func processesOfACircleAreNamedUntilItIsOpened() throws {
    let daemon = try DaemonUnderTest { directory in
      try self.write(
        [
          self.process("a", ["depends_on": ["b"]]), self.process("b", ["depends_on": ["a"]]),
          self.process("c", ["depends_on": ["none"]]), self.process("d"),
        ], to: "processes.json", in: directory)
    }
    try daemon.waitFor("d", status: "running")
    func problems() throws -> [[String: String]] {
      try #require(try daemon.get("/health").object()["problems"] as? [[String: String]])
    }
    let found = try problems()
    #expect(found.map { $0["code"] } == ["definition", "definition", "definition"])
    for (problem, text) in zip(found, ["a → b → a", "b → a → b", "Process 'c' depends on 'none'"]) {
      #expect(problem["message"]?.contains(text) == true, "\(problem)")
    }
    #expect(try daemon.post("/update/a?merge=true", #"{"depends_on": []}"#).status == 200)
    #expect(try problems().map { $0["message"]?.contains("Process 'c' ") } == [true])
    #expect(try daemon.post("/remove/c").status == 200)
    #expect(try problems().isEmpty)
    for id in ["a", "b"] {
      #expect(try daemon.post("/restart/\(id)").status == 200)
      try daemon.waitFor(id, status: "running")
    }
  }

  @Test func aStartWithABrokenFileOfSavedProcessesFailsAndSaysWhere() throws {
    let run = try ShortRun(["--port", "0"]) { directory in
      try "{".write(
        to: directory.appendingPathComponent("processes.json"), atomically: true, encoding: .utf8)
    }
    #expect(run.code == 1)
    #expect(run.error.contains("processes.json, line 1, column 2: "), "\(run.error)")
    #expect(run.error.contains("mend the file or move it away"), "\(run.error)")
  }

  @Test func aFileThatIsMissingIsNotWrittenAgainUnasked() throws {
    let daemon = try DaemonUnderTest()
    let saved: [String: Any] = [
      "id": "a", "command": "sleep", "args": ["1000"], "save_for_next_run": true,
    ]
    #expect(try daemon.add(saved).status == 201)
    try FileManager.default.removeItem(at: daemon.processesFile)
    let refused = try daemon.add(saved.merging(["id": "b"]) { $1 })
    #expect(refused.status == 409)
    #expect(
      try refused.message.hasSuffix("is missing: put it back, or write it again with ?force=true"))
    #expect(!FileManager.default.fileExists(atPath: daemon.processesFile.path))
    let body = try JSONSerialization.data(withJSONObject: saved.merging(["id": "b"]) { $1 })
    let text = String(decoding: body, as: UTF8.self)
    #expect(try daemon.post("/add?force=true", text).status == 201)
    #expect(try ids(in: daemon.processesFile) == ["a", "b"])
  }

}
