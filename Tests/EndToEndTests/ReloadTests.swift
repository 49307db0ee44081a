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
          "max_memory_bytes": 1 << 30,
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

  @Test func aStartWithABrokenFragmentFailsAndSaysWhere() throws {
    let run = try ShortRun(["--port", "0"]) { directory in
      let fragments = directory.appendingPathComponent("processes.d")
      try FileManager.default.createDirectory(at: fragments, withIntermediateDirectories: true)
      try "{".write(
        to: fragments.appendingPathComponent("web.json"), atomically: true, encoding: .utf8)
    }
    #expect(run.code == 1)
    #expect(run.error.contains("processes.d/web.json, line 1, column 2: "), "\(run.error)")
    #expect(run.error.contains("mend the file or move it away"), "\(run.error)")
  }
}
