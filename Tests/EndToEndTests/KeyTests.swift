import Foundation
import Glibc
import Testing

/// Named keys and key files, with the real binary.
struct KeyTests {
  private func key(_ daemon: DaemonUnderTest, _ arguments: String...) throws -> ShortRun {
    try key(in: daemon.directory.appendingPathComponent("config"), arguments)
  }

  private func key(in directory: URL, _ arguments: [String]) throws -> ShortRun {
    try ShortRun(exactly: ["key"] + arguments + ["--config-dir", directory.path])
  }

  /// Adds a key and returns it.
  private func add(_ daemon: DaemonUnderTest, _ name: String, _ role: String) throws -> String {
    let run = try key(daemon, "add", name, "--role", role)
    #expect(run.code == 0, "\(run.error)")
    #expect(run.output.hasPrefix("exeio_\(name)_") && run.output.hasSuffix("\n"))
    return String(run.output.dropLast())
  }

  private func supervisorLog(_ daemon: DaemonUnderTest) throws -> String {
    try String(
      contentsOf: daemon.logDirectory.appendingPathComponent("exeio.log"), encoding: .utf8)
  }

  @Test func aKeyWorksAsSoonAsItIsAddedAndNoLongerThanItIsThere() throws {
    let daemon = try DaemonUnderTest()
    try daemon.addShell("web", "exec sleep 1000", ["environment": ["TOKEN": "s3cret"]])
    let reader = try add(daemon, "monitor", "read")
    let operatorKey = try add(daemon, "on-call", "operate")
    #expect(try daemon.request("GET", "/list", key: reader).status == 200)
    let shown = try daemon.request("GET", "/status/web", key: reader)
    #expect(shown.text.contains("***") && !shown.text.contains("s3cret"))
    let refused = try daemon.request("POST", "/stop/web", key: reader)
    #expect(refused.status == 403)
    #expect(try refused.message.contains("'operate'"))
    #expect(try daemon.request("POST", "/stop/web", key: operatorKey).status == 200)
    #expect(try daemon.request("POST", "/remove/web", key: operatorKey).status == 403)
    #expect(
      try daemon.request("GET", "/status/web", key: operatorKey).text.contains("s3cret"))

    #expect(try key(daemon, "remove", "monitor").code == 0)
    #expect(try daemon.request("GET", "/list", key: reader).status == 401)
    #expect(try daemon.request("GET", "/list", key: operatorKey).status == 200)
    let log = try eventually("the audit is written") {
      let log = try supervisorLog(daemon)
      return log.contains("with a wrong key from 127.0.0.1: 401") ? log : nil
    }
    #expect(log.contains("Audit: POST /add 'web' by key 'default' from 127.0.0.1: 201\n"))
    #expect(log.contains("Audit: POST /stop/web by key 'on-call' from 127.0.0.1: 200\n"))
    #expect(log.contains("warning: Audit: POST /stop/web by key 'monitor' from 127.0.0.1: 403\n"))
    for secret in [reader, operatorKey, "test-key", "s3cret"] { #expect(!log.contains(secret)) }
  }

  @Test func aFileOfKeysThatCannotBeUsedIsAProblemUntilItIsMended() throws {
    let daemon = try DaemonUnderTest()
    let reader = try add(daemon, "monitor", "read")
    func problems(_ key: String?) throws -> Any? {
      try daemon.request("GET", "/health", key: key).object()["problems"]
    }
    #expect(try problems(nil) as? Int == 0)
    #expect((try problems(reader) as? [Any])?.isEmpty == true)
    let file = daemon.directory.appendingPathComponent("config/keys.json")
    let text = try Data(contentsOf: file)
    try Data("[".utf8).write(to: file)
    // Also before a client sends such a key.
    #expect(try problems(nil) as? Int == 1)
    #expect(try daemon.request("GET", "/list", key: reader).status == 401)
    #expect(try problems(reader) as? Int == 1)
    let problem = try #require((try problems("test-key") as? [[String: String]])?.first)
    #expect(problem["code"] == "keys_file")
    #expect(problem["message"]?.contains("keys.json, line 1, column 2") == true, "\(problem)")
    #expect(try daemon.get("/metrics").text.contains("exeio_problems{code=\"keys_file\"} 1\n"))
    try text.write(to: file)
    try eventually("the key works again") {
      try daemon.request("GET", "/list", key: reader).status == 200
    }
    #expect((try problems(reader) as? [Any])?.isEmpty == true)
  }

  @Test func theShutdownAndWhatWaitedForItAreInTheAudit() throws {
    let daemon = try DaemonUnderTest()
    try daemon.addShell(
      "slow",
      "trap 'until [ -e go ]; do sleep 0.02; done; exit 0' TERM; echo ready; while :; do sleep 0.05; done",
      ["stop_timeout_seconds": 3600])
    try daemon.waitFor("slow", line: "STDOUT: ready")
    let socket = try daemon.connect()
    try socket.send(
      "POST \(daemon.path("/stop/slow")) HTTP/1.1\r\nHost: x\r\nexeio-api-key: test-key\r\n\r\n")
    try eventually("it is being stopped") {
      try daemon.status("slow")["status"] as? String == "stopping"
    }
    #expect(try daemon.post("/shutdown").status == 200)
    try Data().write(to: daemon.directory.appendingPathComponent("work/go"))
    #expect(daemon.waitForExit() == 0)
    let log = try supervisorLog(daemon)
    #expect(log.contains("Audit: POST /shutdown by key 'default' from 127.0.0.1: 200\n"))
    #expect(log.contains("Audit: POST /stop/slow by key 'default' from 127.0.0.1: 200\n"))
  }

  @Test func keysAreListedWithoutTheirHashes() throws {
    let daemon = try DaemonUnderTest()
    #expect(try key(daemon, "list", "--json").output == "[]\n")
    _ = try add(daemon, "ci", "admin")
    let table = try key(daemon, "list").output
    #expect(table.hasPrefix("NAME") && table.contains("ci    admin    20"))
    let json = try key(daemon, "list", "--json").output
    #expect(json.contains("\"admin\"") && !json.contains("$7$"))
    #expect(try key(daemon, "add", "ci", "--role", "read").code == 1)
    #expect(try key(daemon, "add", "default", "--role", "read").code == 1)
    #expect(try key(daemon, "remove", "nobody").code == 1)
    #expect(try key(daemon, "add", "x").code == 2)
    #expect(try key(daemon, "add", "--help").code == 0)
  }

  @Test func manyAtOnceLoseNone() throws {
    let daemon = try DaemonUnderTest()
    let config = daemon.directory.appendingPathComponent("config").path
    let runs = try (0..<12).map { number in
      let process = Foundation.Process()
      process.executableURL = DaemonUnderTest.binary
      process.arguments = ["key", "add", "k\(number)", "--role", "read", "--config-dir", config]
      process.standardOutput = FileHandle.nullDevice
      process.standardError = FileHandle.nullDevice
      try process.run()
      return process
    }
    for run in runs {
      run.waitUntilExit()
      #expect(run.terminationStatus == 0)
    }
    let list = try JSONSerialization.jsonObject(
      with: Data(try key(daemon, "list", "--json").output.utf8))
    #expect((list as? [Any])?.count == 12)
  }

  @Test func aKeyThatCannotBeShownIsSaidToBeLost() throws {
    let daemon = try DaemonUnderTest()
    let config = daemon.directory.appendingPathComponent("config").path
    let full = try #require(FileHandle(forWritingAtPath: "/dev/full"))
    let run = try ShortRun(
      exactly: ["key", "add", "ci", "--role", "read", "--config-dir", config], to: full)
    #expect(run.code == 1)
    #expect(run.error.contains("run exeio key remove ci"), "\(run.error)")
  }

  @Test func aKeyThatNoOutputCouldShowIsNotAdded() throws {
    let daemon = try DaemonUnderTest()
    let config = daemon.directory.appendingPathComponent("config").path
    let run = try ShortRun.error(
      of: "/bin/sh",
      [
        "-c", "exec \"$@\" >&-", "sh", DaemonUnderTest.binary.path, "key", "add", "ci", "--role",
        "read", "--config-dir", config,
      ])
    #expect(run.code == 1)
    #expect(run.error == "exeio: write to standard output: Bad file descriptor\n")
    #expect(try key(daemon, "list", "--json").output == "[]\n")
  }

  @Test func aFileThatBecomesUnusableStopsNamedKeysUntilItIsMended() throws {
    let daemon = try DaemonUnderTest()
    let reader = try add(daemon, "monitor", "read")
    let file = daemon.directory.appendingPathComponent("config/keys.json")
    #expect(try daemon.request("GET", "/list", key: reader).status == 200)
    #expect(chmod(file.path, 0o644) == 0)
    for _ in 0..<20 {
      #expect(try daemon.request("GET", "/list", key: reader).status == 401)
      #expect(try daemon.get("/list").status == 200)
    }
    #expect(chmod(file.path, 0o600) == 0)
    #expect(try daemon.request("GET", "/list", key: reader).status == 200)
    try Data("[".utf8).write(to: file)
    #expect(try daemon.request("GET", "/list", key: reader).status == 401)
    let log = try eventually("both troubles are logged") {
      let log = try supervisorLog(daemon)
      return log.contains("keys.json, line 1, column 2") ? log : nil
    }
    #expect(log.components(separatedBy: "error: No named key works").count == 3)
    #expect(log.contains("chmod 640"))
  }

  @Test(arguments: [
    ("[", 0o600, "line 1, column 2"), ("[]", 0o604, "chmod 640"), ("[]", 0o602, "chmod 640"),
    ("[{}]", 0o600, "\"name\" is missing"),
  ])
  func anUnusableFileOfKeysStopsTheStart(text: String, mode: Int, words: String) throws {
    let run = try ShortRun(["--port", "0", "--api-key", "k"]) { directory in
      let file = directory.appendingPathComponent("keys.json")
      try Data(text.utf8).write(to: file)
      #expect(chmod(file.path, mode_t(mode)) == 0)
    }
    #expect(run.code == 1)
    #expect(run.error.contains("keys.json") && run.error.contains(words), "\(run.error)")
    #expect(run.error.split(separator: "\n").count == 1)
  }

  @Test(arguments: [
    ("api-key", 0o604, "chmod 640"), ("api-key", 0o646, "chmod 640"), ("keys.json", 0o644, "chmod"),
  ])
  func whatEveryUserCanReadIsRefused(name: String, mode: Int, words: String) throws {
    let run = try ShortRun(["--port", "0"]) { directory in
      let file = directory.appendingPathComponent(name)
      try Data("a-key\n".utf8).write(to: file)
      #expect(chmod(file.path, mode_t(mode)) == 0)
    }
    #expect(run.code == 1)
    #expect(run.error.contains("every user") && run.error.contains(words), "\(run.error)")
  }

  /// That user could give itself a key of the role `admin`.
  @Test(
    .enabled(if: geteuid() == 0, "only root gives files away"),
    arguments: ["api-key", "keys.json"], [["--port", "0"], ["--check"]])
  func whatBelongsToAnotherUserIsRefused(name: String, arguments: [String]) throws {
    let run = try ShortRun(arguments) { directory in
      let file = directory.appendingPathComponent(name)
      try Data("[]\n".utf8).write(to: file)
      #expect(chmod(file.path, 0o600) == 0)
      #expect(chown(file.path, 12345, 0) == 0)
    }
    #expect(run.code == 1)
    #expect(run.error.contains("\(name)' belongs to the user 12345"), "\(run.error)")
    #expect(run.error.contains(": chown 0 '"), "\(run.error)")
  }

  @Test(.enabled(if: geteuid() == 0, "only root gives files away"))
  func keysThatAreGivenToAnotherUserWorkNoLonger() throws {
    let daemon = try DaemonUnderTest()
    let reader = try add(daemon, "monitor", "read")
    #expect(try daemon.request("GET", "/list", key: reader).status == 200)
    let directory = daemon.directory.appendingPathComponent("config")
    let file = directory.appendingPathComponent("keys.json")
    #expect(chown(file.path, 12345, 0) == 0)
    #expect(try daemon.request("GET", "/list", key: reader).status == 401)
    let problems = try daemon.get("/health").object()["problems"] as? [[String: String]]
    #expect(problems?.map { $0["code"] } == ["keys_file"])
    let run = try key(daemon, "list")
    #expect(run.code == 1 && run.error.contains("belongs to the user 12345"), "\(run.error)")
    // The keys of a daemon that has a user of its own are root's to change.
    #expect(chown(directory.path, 12345, 0) == 0)
    #expect(try key(daemon, "add", "ci", "--role", "read").code == 0)
    #expect(chown(directory.path, 0, 0) == 0)
    #expect(chown(file.path, 0, 0) == 0)
    #expect(try daemon.request("GET", "/list", key: reader).status == 200)
  }

  @Test func theSameHoldsForAFileThatIsGivenAndForACredential() throws {
    let directory = URL(fileURLWithPath: NSTemporaryDirectory())
      .appendingPathComponent("exeio-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer {
      unlink(directory.appendingPathComponent("api-key").path)
      rmdir(directory.path)
    }
    let file = directory.appendingPathComponent("api-key")
    try Data("a-key\n".utf8).write(to: file)
    #expect(chmod(file.path, 0o644) == 0)
    let given = try ShortRun(["--port", "0", "--api-key-file", file.path])
    #expect(given.code == 1 && given.error.contains("chmod 640"), "\(given.error)")
    let credential = try ShortRun(
      ["--port", "0"], environment: ["CREDENTIALS_DIRECTORY": directory.path])
    #expect(credential.code == 1 && credential.error.contains("chmod 640"), "\(credential.error)")
    // The group may read it: that is how the package has it.
    #expect(chmod(file.path, 0o440) == 0)
    let daemon = try DaemonUnderTest(["--api-key-file", file.path], hasKey: false)
    #expect(try daemon.request("GET", "/list", key: "a-key").status == 200)
  }

  /// No process has the other end: a start that opens it as a plain file never ends.
  @Test(.timeLimit(.minutes(1)), arguments: ["api-key", "keys.json", "processes.json"])
  func aFIFOInThePlaceOfAFileIsRefusedAndNotWaitedFor(name: String) throws {
    let run = try ShortRun(["--port", "0"]) { directory in
      #expect(mkfifo(directory.appendingPathComponent(name).path, 0o600) == 0)
    }
    #expect(run.code == 1)
    #expect(run.error.contains("\(name)' is a FIFO, but must be a regular file"), "\(run.error)")
  }

  @Test(arguments: [["--port", "0"], ["--check"]])
  func aLinkOfTheKeyThatLeadsNowhereIsNamed(arguments: [String]) throws {
    let run = try ShortRun(arguments) { directory in
      #expect(symlink("/no/such/key", directory.appendingPathComponent("api-key").path) == 0)
    }
    #expect(run.code == 1)
    #expect(
      run.error.contains("api-key' is a symbolic link to a file that does not exist"),
      "\(run.error)")
  }

  @Test func aDirectoryInThePlaceOfTheKeyIsRefused() throws {
    let run = try ShortRun(["--port", "0", "--api-key-file", "/"])
    #expect(run.code == 1)
    #expect(run.error.contains("'/' is a directory, but must be a regular file"), "\(run.error)")
  }
}
