import Foundation
import Glibc
import TestSupport
import Testing
import UV

/// As whom a process runs, and within which limits: with a daemon of root's, and with one of an
/// ordinary user.
struct IdentityTests {
  private static let asRoot: Comment = "only root can start a process as another user"

  /// A daemon of an ordinary user: the user who runs the tests, or `nobody` where that is root.
  private func ordinaryDaemon(prepare: (URL) throws -> Void = { _ in }) throws -> DaemonUnderTest {
    guard SystemProcess.isRoot else { return try DaemonUnderTest(prepare: prepare) }
    let nobody = try #require(try Account.named("nobody"))
    return try DaemonUnderTest(
      ["--cgroup", "none"],
      runner: [
        "/usr/bin/setpriv", "--reuid", "\(nobody.user)", "--regid", "\(nobody.group)",
        "--clear-groups",
      ]
    ) { directory in
      try prepare(directory)
      var files = [directory.path]
      for name in try FileManager.default.subpathsOfDirectory(atPath: directory.path) {
        files.append("\(directory.path)/\(name)")
      }
      for file in files { try #require(chown(file, nobody.user, nobody.group) == 0) }
    }
  }

  @Test(.enabled(if: SystemProcess.isRoot, asRoot), arguments: Containment.possible)
  func aProcessIsTheUserThatItNamesAsSuWouldHaveIt(containment: Containment) throws {
    let contained = try ContainedDaemon(containment)
    let daemon = contained.daemon
    let account = try #require(try Account.named("games"))
    let script = """
      id -un; id -gn; id -G; echo $HOME $USER $LOGNAME $SHELL; umask; nice; ulimit -n; ulimit -Hn; \
      ulimit -c; pwd; echo end; exec sleep 1000
      """
    try daemon.addShell(
      "web", script,
      [
        "user": "games", "umask": "0027", "nice": -3, "working_dir": "/tmp",
        "limits": ["open_files": 333, "core_bytes": 0],
      ])
    try daemon.waitFor("web", line: "STDOUT: end")
    let lines = try daemon.log("web").filter { $0.hasPrefix("STDOUT") }
      .map { String($0.dropFirst("STDOUT: ".count)) }
    let groups = try account.groups(with: account.group).map { "\($0)" }.joined(separator: " ")
    #expect(
      lines == [
        "games", "games", groups, "\(account.home) games games \(account.shell)", "0027", "-3",
        "333", "333", "0", "/tmp", "end",
      ])
    let pid = try #require(try daemon.status("web")["pid"] as? Int)
    #expect(SystemView.owner(of: Int32(pid)) == account.user)
    #expect(try daemon.post("/stop/web").status == 200)
    #expect(!SystemView.isAlive(Int32(pid)))
  }

  @Test(.enabled(if: SystemProcess.isRoot, asRoot), arguments: Containment.possible)
  func whatAnotherUsersProcessLeavesElsewhereIsEndedToo(containment: Containment) throws {
    let contained = try ContainedDaemon(containment)
    let daemon = contained.daemon
    let marker = SystemView.uniqueSleep()
    try daemon.addShell(
      "web", "(setsid sleep \(marker) > /dev/null 2>&1 &); echo ready; exec sleep \(marker)",
      ["user": "nobody", "group": "games"])
    try daemon.waitFor("web", line: "STDOUT: ready")
    try eventually("both sleep") { SystemView.processes(matching: marker).count == 2 }
    #expect(try daemon.post("/stop/web").status == 200)
    #expect(SystemView.processes(matching: marker).isEmpty)
  }

  @Test(.enabled(if: SystemProcess.isRoot, asRoot))
  func numbersAndVariablesOfTheDefinitionAreTakenAsTheyAre() throws {
    let daemon = try DaemonUnderTest()
    let script = "id -u; id -g; id -G; echo ${HOME-none} ${USER-none}; echo end"
    func output(_ more: [String: Any]) throws -> [String] {
      let id = "p\(UInt32.random(in: 0...UInt32.max))"
      try daemon.addShell(id, script, more)
      try daemon.waitFor(id, line: "STDOUT: end")
      return try daemon.log(id).filter { $0.hasPrefix("STDOUT") }.dropLast()
        .map { String($0.dropFirst("STDOUT: ".count)) }
    }
    #expect(try output(["user": 54321, "group": 54322]) == ["54321", "54322", "54322", "/ none"])
    let nobody = try #require(try Account.named("nobody"))
    #expect(
      try output(["user": "\(nobody.user)", "environment": ["HOME": "/mine"]]).suffix(1)
        == ["/mine nobody"])
    #expect(try output(["group": "games"]).prefix(2) == ["0", "60"])
  }

  @Test(.enabled(if: SystemProcess.isRoot, asRoot))
  func aStartThatFailsSaysAtWhichStepAndWhy() throws {
    let daemon = try DaemonUnderTest()
    let closed = daemon.directory.appendingPathComponent("closed").path
    try #require(mkdir(closed, 0o700) == 0)
    let program = daemon.directory.appendingPathComponent("program").path
    try Files.createNew(program, mode: 0o700, contents: Array("#!/bin/sh\n".utf8))
    func reason(_ more: [String: Any]) throws -> String? {
      let id = "p\(UInt32.random(in: 0...UInt32.max))"
      let answer = try daemon.add(["id": id, "command": "true"].merging(more) { $1 })
      #expect(answer.status == 201)
      let entry = try daemon.status(id)
      #expect(entry["status"] as? String == "failed")
      return entry["error"] as? String
    }
    #expect(try reason(["user": "no-such"])?.hasSuffix("user 'no-such': no such user") == true)
    #expect(try reason(["group": "no-such"])?.hasSuffix("group 'no-such': no such group") == true)
    #expect(
      try reason(["user": 54321])?.hasSuffix(
        "user '54321': no such user; to run as a number that has no name, give a group as well")
        == true)
    #expect(
      try reason(["user": "nobody", "working_dir": closed])?.hasSuffix(
        "working_dir '\(closed)': Permission denied for user 'nobody'") == true)
    #expect(
      try reason(["user": "nobody", "command": program])?.hasSuffix(
        "command '\(program)': Permission denied for user 'nobody'") == true)
    #expect(
      try reason(["limits": ["open_files": 1 << 30]])?.contains(
        "limits.open_files 1073741824: Operation not permitted; at most ") == true)
    #expect(SystemView.children(of: daemon.pid).isEmpty)
  }

  @Test func anOrdinaryUserIsToldWhatNeedsRoot() throws {
    let daemon = try ordinaryDaemon()
    let user = try #require(SystemView.owner(of: daemon.pid))
    let name = try #require(try Account.numbered(user)).name
    for more: [String: Any] in [["user": "root"], ["group": "0"], ["nice": -20]] {
      let answer = try daemon.addShell("web", "exec sleep 1000", more)
      #expect(answer.status == 400)
      #expect(
        try answer.message.contains(
          "needs a supervisor that runs as root, but it runs as '\(name)'"))
    }
    #expect(try daemon.get("/status/web").status == 404)
    #expect(try daemon.addShell("own", "echo $HOME $USER; ulimit -n", ["user": name]).status == 201)
    let account = try #require(try Account.named(name))
    try daemon.waitFor("own", line: "STDOUT: \(account.home) \(name)")
    try daemon.waitFor("own", line: "STDOUT: 1024")
  }

  @Test func aSavedDefinitionThatNeedsRootFailsItsStartAndNoOther() throws {
    let daemon = try ordinaryDaemon { directory in
      let definitions = """
        [{"id": "mine", "command": "sleep", "args": ["1000"], "save_for_next_run": true},
         {"id": "roots", "command": "sleep", "args": ["1000"], "user": "root", "save_for_next_run": true}]
        """
      try Data(definitions.utf8).write(
        to: directory.appendingPathComponent("config/processes.json"))
    }
    try daemon.waitFor("mine", status: "running")
    let entry = try daemon.waitFor("roots", status: "failed")
    #expect(
      (entry["error"] as? String)?.hasSuffix(
        "user 'root': only root can start a process as another user") == true)
  }
}
