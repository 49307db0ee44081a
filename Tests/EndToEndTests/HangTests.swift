import Foundation
import Glibc
import TestSupport
import Testing

/// A file system under one of the daemon's places that hangs at one operation after the other:
/// whatever hangs there, the API answers, other processes are restarted, a stop and a shutdown come
/// to their end, and after a SIGKILL another daemon starts.
@Suite(.enabled(if: HangingFiles.isPossible, "a file system of fuse(4) cannot be mounted here"))
struct HangTests {
  /// What hangs in turn. Looking for a name comes last: with it everything hangs.
  private static let operations: [HangingFiles.Operation] = [
    .open, .create, .read, .write, .sync, .syncDirectory, .rename, .unlink, .readdir, .chdir,
    .setattr, .close, .stat,
  ]

  enum Place: String, CaseIterable {
    case configuration = "config"
    case data
    case logs

    /// Requests that have something done there. They may be answered late.
    func requests(_ number: Int) -> [(method: String, path: String, body: String?)] {
      let definition = #"{"id": "new\#(number)", "command": "sleep", "args": ["1000"]}"#
      return switch self {
      case .configuration:
        [
          ("POST", "/add", definition), ("POST", "/reload", nil), ("GET", "/list", nil),
          ("POST", "/remove/new\(number)", nil),
        ]
      case .data:
        [
          ("POST", "/restart/victim", nil),
          (
            "POST", "/add",
            #"{"id": "new\#(number)", "command": "sleep", "args": ["1000"], "ready": "notify"}"#
          ),
          ("POST", "/remove/new\(number)", nil),
        ]
      case .logs:
        [
          ("GET", "/logs/victim", nil), ("GET", "/logs/victim?search=x", nil),
          ("POST", "/clear-log/victim", nil), ("POST", "/restart/victim", nil),
          ("POST", "/add", definition), ("POST", "/remove/new\(number)", nil),
        ]
      }
    }
  }

  /// A daemon with a place that can hang, and requests that were sent and not waited for.
  private final class Scene {
    let daemon: DaemonUnderTest
    let files: HangingFiles
    private var open: [TestSocket] = []

    init(_ place: Place) throws {
      var mounted: HangingFiles?
      let logs = NSTemporaryDirectory() + "exeio-test-logs-\(UUID().uuidString)"
      daemon = try DaemonUnderTest(["--log-dir", logs]) { directory in
        let path =
          place == .logs ? logs : directory.appendingPathComponent(place.rawValue).path
        try FileManager.default.createDirectory(
          atPath: path, withIntermediateDirectories: true)
        let files = try HangingFiles(at: path)
        try files.beInterruptible()
        mounted = files
      }
      files = try #require(mounted)
      let other = try daemon.addShell(
        "other", "exec sleep 1000",
        ["auto_restart": true, "restart_delay_seconds": [0.1], "save_for_next_run": true])
      try #require(other.status == 201)
      try daemon.addShell("victim", "exec sleep 1000")
    }

    deinit { files.end() }

    /// Sends a request, and waits for nothing.
    func send(_ method: String, _ path: String, _ body: String?, key: String = "test-key") throws {
      let socket = try daemon.connect()
      let text = body ?? ""
      try socket.send(
        "\(method) \(daemon.path(path)) HTTP/1.1\r\nHost: 127.0.0.1:\(daemon.port)\r\nexeio-api-key: \(key)\r\nContent-Length: \(text.utf8.count)\r\n\r\n\(text)"
      )
      open.append(socket)
    }

    /// Waits for the answers to them.
    func takeAnswers() throws {
      for socket in open { _ = try socket.receiveAnswer(toHead: false) }
      open = []
    }

    /// The slowest of many answers. Seconds: a loop that is held up answers none.
    func slowestHealth() throws -> TimeInterval {
      var slowest: TimeInterval = 0
      for _ in 0..<50 {
        let start = Date()
        #expect(try daemon.request("GET", "/health", key: nil).status == 200)
        slowest = max(slowest, Date().timeIntervalSince(start))
      }
      return slowest
    }

    func otherIsRestarted() throws {
      let old = try #require(try daemon.status("other")["pid"] as? Int)
      kill(Int32(old), SIGKILL)
      try eventually("other is restarted") {
        let entry = try daemon.status("other")
        return entry["status"] as? String == "running" && entry["pid"] as? Int != old
      }
    }
  }

  @Test(arguments: Place.allCases)
  func nothingElseIsHeldUp(place: Place) throws {
    let scene = try Scene(place)
    for (number, operation) in Self.operations.enumerated() {
      try scene.files.hang(operation)
      for (method, path, body) in place.requests(number) { try scene.send(method, path, body) }
      let slowest = try scene.slowestHealth()
      #expect(slowest < 1, "\(place), \(operation): /health took \(slowest) s")
      try scene.otherIsRestarted()
      #expect(try scene.daemon.post("/stop/other").status == 200, "\(place), \(operation)")
      #expect(try scene.daemon.post("/start/other").status == 200, "\(place), \(operation)")
      try scene.files.goOn()
      try scene.takeAnswers()
    }
    try scene.files.hang(.stat)
    for (method, path, body) in place.requests(100) { try scene.send(method, path, body) }
    _ = try scene.slowestHealth()
    let pid = try #require(try scene.daemon.status("other")["pid"] as? Int)
    scene.daemon.signal(SIGTERM)
    #expect(scene.daemon.waitForExit() == 0)
    #expect(kill(Int32(pid), 0) == -1)
  }

  /// A copy of the daemon closes what it has open, which asks the file system: what forks for it
  /// has no such files.
  @Test func theFirstStartClosesNoFiles() throws {
    let files = try HangingFiles()
    defer { files.end() }
    try files.beInterruptible()
    let daemon = try DaemonUnderTest(["--log-dir", files.path])
    try files.hang(.close)
    #expect(try daemon.addShell("first", "exec sleep 1000").status == 201)
    try daemon.waitFor("first", status: "running")
    try files.goOn()
  }

  /// The one after a fork server that was killed is a copy with such files: it hangs, and nothing
  /// else does.
  @Test func aForkServerThatCannotCloseItsFilesHoldsNothingUp() throws {
    let files = try HangingFiles()
    defer { files.end() }
    let daemon = try DaemonUnderTest(["--log-dir", files.path])
    for number in 0..<3 { try daemon.addShell("web\(number)", "exec sleep 1000") }
    let server = try #require(SystemView.forkServer(of: daemon.pid))
    try files.hang(.close)
    try #require(kill(server, SIGKILL) == 0)
    let begin = Date()
    let answer = try daemon.add([
      "id": "late", "command": "sleep", "args": ["1000"], "start_timeout_seconds": 1,
    ])
    #expect(answer.status == 201)
    let error = try daemon.status("late")["error"] as? String ?? ""
    #expect(error.contains("timed out after 1s"), "\(error)")
    try files.waitUntilHeld(.close)
    #expect(try daemon.get("/health").status == 200)
    #expect(Date().timeIntervalSince(begin) < 10)
    try files.goOn()
    // What hung was killed, and another one takes its place.
    try eventually("another start succeeds") { try daemon.post("/start/late").status == 200 }
    try daemon.waitFor("late", status: "running")
  }

  /// Without it the daemon does not know what to run: it waits, says so, and can be stopped.
  @Test func aStartSaysThatItWaitsForTheConfigurationDirectory() throws {
    let files = try HangingFiles()
    try files.beInterruptible()
    try files.hang(.stat)
    let data = try TemporaryDirectory()
    // SIGTERM after five seconds; SIGKILL, which is another exit code, if that does not end it.
    let run = try ShortRun.error(
      of: try #require(Installed.path(of: "timeout")),
      [
        "--kill-after=20", "5", DaemonUnderTest.binary.path, "--port", "0", "--config-dir",
        files.path, "--data-dir", data.path,
      ])
    #expect(run.code == 124)
    #expect(
      run.error.hasPrefix(
        "exeio: warning: waiting for the configuration directory '\(files.path)': its file system has not answered for"
      ), "\(run.error)")
  }
}
