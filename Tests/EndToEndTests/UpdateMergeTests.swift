import Foundation
import Testing

/// What `/update?merge=true`, `/add`, `/stop` and a rolling restart say of what they did.
struct UpdateMergeTests {
  private let daemon: DaemonUnderTest

  init() throws { daemon = try DaemonUnderTest() }

  private func changed(_ answer: Answer) throws -> [String] {
    let list = try #require(try answer.object()["changed"] as? [[String: Any]])
    return list.compactMap { $0["field"] as? String }
  }

  private func message(_ answer: Answer) throws -> String {
    try #require(try answer.object()["message"] as? String)
  }

  @Test func aMergeChangesOnlyWhatItNames() throws {
    let added = try daemon.addShell(
      "web", "exec sleep 1000",
      ["environment": ["SECRET": "swordfish", "B": "2"], "stop_timeout_seconds": "30s"])
    #expect(try message(added).contains("not saved"))
    let pid = try #require(try daemon.status("web")["pid"] as? Int)

    let answer = try daemon.post("/update/web?merge=true", #"{"labels": {"team": "x"}}"#)
    #expect(answer.status == 200, "\(answer.text)")
    #expect(try changed(answer) == ["labels"])
    let entry = try daemon.status("web")
    #expect(entry["pid"] as? Int == pid)
    let definition = try #require(entry["definition"] as? [String: Any])
    #expect(definition["stop_timeout_seconds"] as? Int == 30)
    #expect(
      definition["environment"] as? [String: String] == ["SECRET": "swordfish", "B": "2"])

    let other = try daemon.post(
      "/update/web?merge=true", #"{"environment": {"SECRET": "trout", "B": null}}"#)
    #expect(try changed(other) == ["environment"])
    #expect(try daemon.status("web")["pid"] as? Int != pid)
    #expect(try changed(daemon.post("/update/web?merge=true", "{}")) == [])

    // Without it, what the body leaves out gets its default, and the answer says so.
    let whole = try daemon.post("/update/web", #"{"command": "sleep", "args": ["1000"]}"#)
    #expect(
      try changed(whole) == ["command", "args", "environment", "stop_timeout_seconds", "labels"])
    let log = try daemon.log("exeio")
    #expect(log.contains { $0.contains("POST /update/web (environment) by key") })
    #expect(!log.contains { $0.contains("trout") || $0.contains("swordfish") })
  }

  @Test func aMergeIsRefusedLikeAnyOtherUpdate() throws {
    #expect(try daemon.post("/update/none?merge=true", "{}").status == 404)
    try daemon.addShell("web", "exec sleep 1000", ["instances": 2])
    #expect(try daemon.post("/update/web.0?merge=true", "{}").status == 409)
    #expect(try daemon.post("/update/web?merge=true", #"{"nice": 77}"#).status == 400)
    #expect(try daemon.post("/update/web?merge=true", #"{"depends_on": ["no"]}"#).status == 400)
    let scaled = try daemon.post("/update/web?merge=true", #"{"instances": 1}"#)
    #expect(scaled.status == 200, "\(scaled.text)")
    #expect(try daemon.status("web")["instances"] as? Int == 1)
  }

  @Test func aStopThatHadToKillSaysSo() throws {
    try daemon.addShell(
      "deaf", "trap '' TERM; echo ready; while :; do sleep 1; done",
      ["stop_timeout_seconds": "500ms"])
    try daemon.waitFor("deaf", line: "STDOUT: ready")
    let answer = try daemon.post("/stop/deaf")
    #expect(answer.status == 200)
    #expect(try message(answer) == "Process 'deaf' stopped (killed after 0.5 s)")
    let exit = try #require(try daemon.status("deaf")["last_exit"] as? [String: Any])
    #expect(exit["reason"] as? String == "stop-timeout")
    #expect(exit["signal"] as? String == "SIGKILL")
  }

  @Test func aRollingRestartThatFailedIsAConflict() throws {
    let root = NSTemporaryDirectory() + "exeio-roll-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    let added = try daemon.addShell(
      "web", "exec sleep 1000", ["instances": 2, "working_dir": root])
    #expect(added.status == 201, "\(added.text)")
    try FileManager.default.removeItem(atPath: root)
    let answer = try daemon.post("/restart/web?rolling=true")
    #expect(answer.status == 409, "\(answer.text)")
    #expect(try answer.object()["success"] as? Bool == false)
    let results = try #require(try answer.object()["results"] as? [[String: Any]])
    #expect(results.map { $0["success"] as? Bool } == [false, false])
    #expect(try daemon.status("web.1")["status"] as? String == "running")
  }

  @Test func theOldNameOfAFieldIsWarnedOf() throws {
    let answer = try daemon.addShell("web", "exec sleep 1000", ["max_memory_bytes": "1G"])
    #expect(answer.status == 201)
    #expect((try answer.object()["warnings"] as? [String])?.count == 1)
    let definition = try #require(try daemon.status("web")["definition"] as? [String: Any])
    #expect(definition["restart_above_memory_bytes"] as? Int == 1 << 30)
    #expect(definition["max_memory_bytes"] == nil)
  }
}
