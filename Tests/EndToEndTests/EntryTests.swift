import Foundation
import Glibc
import TestSupport
import Testing
import UV

/// How the daemon is entered: with descriptors closed, output that no process takes, limits that
/// are reached, and bytes that are not UTF-8.
struct EntryTests {
  /// A shell that becomes the daemon with this redirection.
  private func shell(_ redirection: String) -> [String] {
    ["/bin/sh", "-c", "exec \"$@\" \(redirection)", "sh"]
  }

  @Test(arguments: ["<&-", "2>&-", "<&- 2>&-"])
  func aDescriptorThatIsClosedIsTheNullDeviceBeforeAnythingIsOpened(redirection: String) throws {
    let daemon = try DaemonUnderTest(runner: shell(redirection))
    for number in 0...2
    where redirection.contains("<&-") && number == 0
      || redirection.contains("2>&-") && number == 2
    {
      #expect(
        try FileManager.default.destinationOfSymbolicLink(
          atPath: "/proc/\(daemon.pid)/fd/\(number)")
          == "/dev/null")
    }
    try daemon.addShell("web", "echo up")
    try daemon.waitFor("web", line: "STDOUT: up")
    kill(daemon.pid, SIGTERM)
    #expect(daemon.waitForExit() == 0)
  }

  /// A table of descriptors that grows once there are threads holds up the loop for tens of
  /// milliseconds.
  @Test(arguments: [1024, 4096])
  func thereIsRoomForAllDescriptorsFromTheStart(limit: Int) throws {
    let runner = ["/bin/sh", "-c", "ulimit -n \(limit); exec \"$@\"", "sh"]
    let daemon = try DaemonUnderTest(runner: runner)
    // The kernel makes tables of a power of two.
    let room = try #require(SystemView.statusValue("FDSize", of: daemon.pid))
    #expect(room >= limit)
  }

  @Test func aDescriptorOfTheHighestNumberIsNoReasonNotToStart() throws {
    // dash has no redirection of a number above nine.
    let runner = ["/bin/bash", "-c", "ulimit -n 1024; exec \"$@\" 1023</dev/null", "bash"]
    let daemon = try DaemonUnderTest(runner: runner)
    #expect(try #require(SystemView.statusValue("FDSize", of: daemon.pid)) >= 1024)
  }

  @Test(arguments: ["<&- >&- 2>&-", ">&-", ">/dev/full 2>/dev/full"])
  func whatIsPrintedGoesIntoNoFileOfTheDaemon(redirection: String) throws {
    let directory = try TemporaryDirectory()
    let arguments = ["--config-dir", directory.path, "--data-dir", directory.path, "--port", "0"]
    let process = Foundation.Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments =
      ["-c", "exec \"$@\" \(redirection)", "sh", DaemonUnderTest.binary.path] + arguments
    try process.run()
    let lock = directory.file("exeio.lock")
    try eventually("it hears signals") {
      let log = FileManager.default.contents(atPath: directory.file("logs/exeio.log"))
      return log.map { String(decoding: $0, as: UTF8.self).contains("supervisor started") } == true
    }
    process.terminate()
    process.waitUntilExit()
    #expect(process.terminationReason == .exit && process.terminationStatus == 0)
    let said = try String(contentsOfFile: lock, encoding: .utf8)
    #expect(said == "\(process.processIdentifier)\n")
  }

  @Test func textThatCannotBeWrittenIsAnError() throws {
    let full = try FileHandle(forWritingTo: URL(fileURLWithPath: "/dev/full"))
    for arguments in [["--help"], ["--version"], ["key", "--help"]] {
      let run = try ShortRun(exactly: arguments, to: full)
      #expect(run.code == 1)
      #expect(run.error.contains("No space left on device"))
    }
  }

  @Test(arguments: [["--help"], ["--version"], ["key", "--help"], ["key", "list"]])
  func whatIsAskedForAndHasNoOutputIsAnError(arguments: [String]) throws {
    let directory = try TemporaryDirectory()
    let rest = arguments.last == "list" ? ["--config-dir", directory.path] : []
    let shell = shell(">&-") + [DaemonUnderTest.binary.path] + arguments + rest
    let run = try ShortRun.error(of: shell[0], Array(shell.dropFirst()))
    #expect(run.code == 1)
    #expect(
      run.error.hasSuffix("exeio: write to standard output: Bad file descriptor\n"), "\(run.error)")
  }

  @Test(
    .enabled(if: getuid() == 0, "another user is needed, whose limit is reached"),
    arguments: [(1, "the fork server"), (2, "worker threads")])
  func withoutAProcessOrAThreadTheStartIsRefusedInOneLine(limit: Int, what: String) throws {
    let directory = try TemporaryDirectory()
    // All processes of a user count, and the cases run side by side.
    let user = 54_400 + limit
    try #require(chown(directory.path, uid_t(user), gid_t(user)) == 0)
    let run = try ShortRun.error(
      of: "/bin/sh",
      [
        "-c",
        "exec prlimit --nproc=\(limit) setpriv --reuid \(user) --regid \(user) --clear-groups \"$@\"",
        "sh",
        DaemonUnderTest.binary.path, "--config-dir", directory.path, "--data-dir", directory.path,
        "--port", "0",
      ])
    #expect(run.code == 1)
    #expect(
      run.error.hasPrefix("exeio: start \(what): Resource temporarily unavailable; raise"))
    // LeakSanitizer has a thread of its own at the end, and says that it gets none.
    #expect(DaemonUnderTest.isSanitized || run.error.split(separator: "\n").count == 1)
  }

  @Test func tooFewDescriptorsRefuseTheStartInOneLine() throws {
    let directory = try TemporaryDirectory()
    let run = try ShortRun.error(
      of: "/bin/sh",
      [
        "-c", "ulimit -n 12; exec \"$@\"", "sh", DaemonUnderTest.binary.path, "--config-dir",
        directory.path, "--data-dir", directory.path, "--port", "0",
      ])
    #expect(run.code == 1)
    #expect(run.error.contains("Too many open files; raise the limit of open files"))
  }

  @Test func bytesThatAreNotUTF8StayWhatTheyAre() throws {
    // The shell makes them: a test's own arguments and variables are text.
    let script = """
      e=$(printf '\\351'); mkdir -p "$PWD/bin$e" "$PWD/logs$e"; export "LATIN1=caf$e"
      printf '#!/bin/sh\\nprintf "%%s" "$0 $LATIN1" | od -An -tx1 | tr -d "\\\\n"; echo .\\n' > "$PWD/bin$e/tool"
      chmod +x "$PWD/bin$e/tool"; export "PATH=$PWD/bin$e:$PATH"
      exec env "N$e=x" "$@" --log-dir "$PWD/logs$e"
      """
    let daemon = try DaemonUnderTest(runner: ["/bin/sh", "-c", script, "sh"])
    #expect(daemon.banner.contains("/work/logs\\xE9\n"))
    try daemon.add(["id": "tool", "command": "tool"])
    // "bin\351/tool caf\351"
    let line = try eventually("the tool has written") {
      try daemon.log("tool").first { $0.contains("STDOUT") }
    }
    #expect(line.hasSuffix("62 69 6e e9 2f 74 6f 6f 6c 20 63 61 66 e9."))
    // A shell passes such a name over, so another program says what it has.
    try daemon.add([
      "id": "env", "command": "grep", "args": ["-cz", "^N.*=x$", "/proc/self/environ"],
      "environment": ["LC_ALL": "C"],
    ])
    try daemon.waitFor("env", line: "STDOUT: 1")
    let entry = try daemon.status("tool")
    #expect((entry["log_file"] as? String)?.hasSuffix("/work/logs\\xE9/tool.log") == true)
  }

  @Test func everySignalIsAtItsDefaultInAChildWhateverTheDaemonWasStartedWith() throws {
    let ignoring = ["/bin/sh", "-c", "trap '' HUP PIPE USR2 40 64; exec \"$@\"", "sh"]
    let daemon = try DaemonUnderTest(runner: ignoring)
    try daemon.add([
      "id": "signals", "command": "grep", "args": ["-E", "^Sig(Ign|Blk)", "/proc/self/status"],
    ])
    try daemon.waitFor("signals", line: "STDOUT: SigBlk:\t0000000000000000")
    try daemon.waitFor("signals", line: "STDOUT: SigIgn:\t0000000000000000")
  }

  @Test func anEnvironmentFileKeepsItsBytes() throws {
    let daemon = try DaemonUnderTest()
    let file = daemon.directory.appendingPathComponent("env")
    try Data(Array("A=caf".utf8) + [0xE9]).write(to: file)
    try daemon.addShell("web", "printf %s \"$A\" | od -An -tx1", ["environment_file": file.path])
    try daemon.waitFor("web", line: "STDOUT:  63 61 66 e9")
  }

  @Test func thePWDIsTheWorkingDirectoryForRunsHooksAndProbes() throws {
    let daemon = try DaemonUnderTest(environment: ["PWD": "/", "OLDPWD": "/root"])
    let directory = daemon.directory.path
    try FileManager.default.createDirectory(
      atPath: directory + "/real", withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(
      atPath: directory + "/link", withDestinationPath: "real")
    let report = ["sh", "-c", "env | grep PWD= | tr '\\n' ' '; test $PWD = \(directory)/link"]
    try daemon.add([
      "id": "web", "command": "sh", "args": ["-c", "env | grep PWD=; exec sleep 1000"],
      "working_dir": "\(directory)/link", "before_start": report,
      "health_check": ["command": report, "interval_seconds": 0.1],
    ])
    try daemon.waitFor("web", line: "STDOUT: PWD=\(directory)/link")
    try eventually("the probe has succeeded") {
      let health = try daemon.status("web")["health"] as? [String: Any]
      return health?["status"] as? String == "healthy"
    }
    #expect(
      try daemon.log("web").contains { $0.contains("before_start: PWD=\(directory)/link ") })
    #expect(try !daemon.log("web").contains { $0.contains("OLDPWD") })
    try daemon.add(["id": "up", "command": "env", "working_dir": "\(directory)/link/../real/."])
    try daemon.waitFor("up", line: "STDOUT: PWD=\(try resolved(directory))/real")
    try daemon.add(["id": "own", "command": "env", "environment": ["PWD": "/mine"]])
    try daemon.waitFor("own", line: "STDOUT: PWD=/mine")
    // Where none is given, it is the daemon's own, whatever its PWD says.
    try daemon.add(["id": "none", "command": "env"])
    try daemon.waitFor("none", line: "STDOUT: PWD=\(try resolved(directory))/work")
  }

  private func resolved(_ path: String) throws -> String { Files.resolvingLinks(path) }

  @Test func aScriptWithDOSLineEndsIsSaidToHaveThem() throws {
    let daemon = try DaemonUnderTest()
    let script = daemon.directory.appendingPathComponent("dos.sh")
    try Data("#!/usr/bin/env sh\r\nexit 0\r\n".utf8).write(to: script)
    try #require(chmod(script.path, 0o755) == 0)
    let definition: [String: Any] = [
      "id": "a", "command": script.path, "restart_policy": "on-failure", "max_restarts": 0,
    ]
    #expect(try daemon.add(definition).status == 201)
    try eventually("it has failed") {
      try daemon.get("/status/a").object()["status"] as? String == "failed"
    }
    let error = try #require(try daemon.get("/status/a").object()["error"] as? String)
    #expect(
      error.hasSuffix(
        " (the first line of '\(script.path)' ends in a carriage return (DOS line ends))"),
      "\(error)")
  }

  @Test func aStartThatFailsNamesWhatIsToBlame() throws {
    let daemon = try DaemonUnderTest()
    let script = daemon.directory.appendingPathComponent("a.py")
    try Data("#!/no/such/pythn\n".utf8).write(to: script)
    try #require(chmod(script.path, 0o755) == 0)
    func message(_ more: [String: Any]) throws -> String {
      let id = "p\(UInt32.random(in: 0...UInt32.max))"
      let saved: [String: Any] = ["id": id, "save_for_next_run": true]
      return try daemon.add(saved.merging(more) { $1 }).message
    }
    #expect(
      try message(["command": script.path]).hasSuffix(
        "command '\(script.path)': interpreter '/no/such/pythn' of '\(script.path)': No such file or directory"
      ))
    #expect(
      try message(["command": "python3 app.py"]).hasSuffix(
        "command 'python3 app.py': No such file or directory; a command is not split at spaces: arguments belong in 'args'"
      ))
    #expect(
      try message(["command": "true", "before_start": ["echo hi"]]).hasSuffix(
        "; a command is not split at spaces: arguments belong in further strings of before_start"))
    #expect(
      try message(["command": "~/app"]).hasSuffix(
        "'~' is not expanded: write out the home directory"))
    #expect(
      try message(["command": "true", "working_dir": "$HOME/app"]).hasSuffix(
        "working_dir '$HOME/app': No such file or directory; '$HOME' is not expanded: write out its value"
      ))
    #expect(
      try message(["command": "true", "environment_file": "-~/app.env"]).hasSuffix(
        "environment_file '~/app.env': No such file or directory; '~' is not expanded: write out the home directory"
      ))
    #expect(
      try message(["command": "/bin/sh/x"]).hasSuffix("command '/bin/sh/x': Not a directory"))
    #expect(
      try message(["command": "/tmp"]).hasSuffix(
        "command '/tmp': Is a directory, but must be a program"))
  }
}
