import Foundation
import Glibc
import TestSupport

/// The real binary, with directories of its own and a port that the kernel picked.
final class DaemonUnderTest {
  let directory: URL
  private(set) var port: UInt16 = 0
  /// What it printed at its start.
  private(set) var banner = ""
  private var process: Foundation.Process
  /// One that has not ended when another was started: Foundation closes its descriptors when it is
  /// let go.
  private var earlier: Foundation.Process?
  private var output: Pipe
  private var errors: Pipe
  private let arguments: [String]
  private let runner: [String]
  private let environment: [String: String]
  private let hasKey: Bool
  private var connection: TestSocket?
  /// The nginx in front of it, where the run has one.
  private(set) var nginx: NginxUnderTest?

  /// The binary that is tested: `make test` names the release build.
  static var binary: URL {
    if let path = ProcessInfo.processInfo.environment["EXEIO_BINARY"] {
      return URL(fileURLWithPath: path)
    }
    return URL(fileURLWithPath: CommandLine.arguments[0])
      .deletingLastPathComponent().appendingPathComponent("exeio")
  }

  /// Whether the binary runs under a sanitizer, whose own memory hides what the daemon takes.
  static var isSanitized: Bool { ProcessInfo.processInfo.environment["EXEIO_SANITIZED"] != nil }

  var logDirectory: URL { directory.appendingPathComponent("data/logs") }
  var processesFile: URL { directory.appendingPathComponent("config/processes.json") }
  var pid: Int32 { process.processIdentifier }
  var isRunning: Bool { process.isRunning }

  /// Starts a daemon and waits until it says that its port is bound.
  /// - Parameters:
  ///   - arguments: beside the directories, the port and the key, which are given to it.
  ///   - runner: a program, found by its path, and its arguments, that is to execute the binary.
  ///   - hasKey: whether it is given the key `test-key`; else it makes one.
  ///   - prepare: called with the directory before the start, to lay files in it.
  init(
    _ arguments: [String] = [], environment: [String: String] = [:], runner: [String] = [],
    hasKey: Bool = true, prepare: (URL) throws -> Void = { _ in }
  ) throws {
    directory = URL(fileURLWithPath: NSTemporaryDirectory())
      .appendingPathComponent("exeio-test-\(UUID().uuidString)")
    self.arguments = arguments
    self.runner = runner
    self.environment = environment
    self.hasKey = hasKey
    process = Foundation.Process()
    output = Pipe()
    errors = Pipe()
    for name in ["config", "data", "work"] {
      try FileManager.default.createDirectory(
        at: directory.appendingPathComponent(name), withIntermediateDirectories: true)
    }
    try prepare(directory)
    if Front.current != nil { nginx = try NginxUnderTest() }
    try launch()
  }

  deinit {
    // What a failing test left: the daemon ends its children itself, and has ten seconds for it.
    if process.isRunning {
      process.terminate()
      process.waitUntilExit()
    }
    do {
      try FileManager.default.removeItem(at: directory)
    } catch {
      print("could not remove \(directory.path): \(error)")
    }
  }

  /// Starts the binary again on the same directories, after it has ended or was killed.
  func launch() throws {
    if process.isRunning { earlier = process }
    process = Foundation.Process()
    output = Pipe()
    errors = Pipe()
    connection = nil
    process.executableURL = runner.first.map { URL(fileURLWithPath: $0) } ?? Self.binary
    process.currentDirectoryURL = directory.appendingPathComponent("work")
    process.arguments =
      (runner.isEmpty ? [] : runner.dropFirst() + [Self.binary.path])
      + [
        "--port", "0",
        "--config-dir", directory.appendingPathComponent("config").path,
        "--data-dir", directory.appendingPathComponent("data").path,
      ] + (hasKey ? ["--api-key", "test-key"] : []) + arguments
    process.environment = TestEnvironment.inherited
      .merging(nginx?.daemonEnvironment ?? [:]) { $1 }.merging(environment) { $1 }
    process.standardOutput = output
    process.standardError = errors
    // Room for the report of a sanitizer, which is not read before the end (F_SETPIPE_SZ of
    // fcntl(2)).
    _ = fcntl(errors.fileHandleForWriting.fileDescriptor, 1031, 1 << 20)
    process.standardInput = FileHandle.nullDevice
    try process.run()
    banner = ""
    while !banner.contains("Config file:") {
      let chunk = output.fileHandleForReading.availableData
      guard !chunk.isEmpty else {
        process.waitUntilExit()
        let said = String(decoding: errors.fileHandleForReading.availableData, as: UTF8.self)
        throw NeverHappened(description: "the daemon did not start: \(banner)\(said)")
      }
      banner += String(decoding: chunk, as: UTF8.self)
    }
    let match = try #/on port (\d+) at/#.firstMatch(in: banner)
    guard let match, let number = UInt16(match.1) else {
      throw NeverHappened(description: "no port in the banner: \(banner)")
    }
    port = number
  }

  /// A connection of its own: to the daemon, or to the nginx in front of it.
  func connect() throws -> TestSocket { try nginx?.connect() ?? TestSocket(port: port) }

  /// A path of the API as a client has to ask for it.
  func path(_ path: String) -> String { (Front.current?.prefix ?? "") + path }

  /// Sends a request on a kept connection and returns the answer.
  /// - Parameters:
  ///   - host: the value of its `Host`; the daemon's own address where nil.
  ///   - headers: more lines of its header.
  @discardableResult
  func request(
    _ method: String, _ path: String, _ body: String? = nil, key: String? = "test-key",
    host: String? = nil, headers: [String] = []
  ) throws -> Answer {
    let socket: TestSocket
    if let kept = connection {
      socket = kept
    } else {
      socket = try connect()
    }
    connection = nil
    var head = "\(method) \(self.path(path)) HTTP/1.1\r\nHost: \(host ?? "127.0.0.1:\(port)")\r\n"
    for line in headers { head += line + "\r\n" }
    if let key { head += "exeio-api-key: \(key)\r\n" }
    if let body { head += "Content-Length: \(body.utf8.count)\r\n" }
    let answer: Answer
    do {
      try socket.send(head + "\r\n" + (body ?? ""))
      answer = try socket.receiveAnswer(toHead: method == "HEAD")
    } catch {
      throw NeverHappened(description: "\(method) \(path): \(error); \(lastWords())")
    }
    if answer.headers["connection"] != "close" { connection = socket }
    return answer
  }

  /// What there is to say of a daemon that does not answer.
  private func lastWords() -> String {
    let end = Date(timeIntervalSinceNow: 1)
    while process.isRunning, Date() < end { usleep(10_000) }
    guard !process.isRunning else { return "the daemon runs" }
    let how = process.terminationReason == .exit ? "exit status" : "signal"
    let said = String(decoding: errors.fileHandleForReading.availableData, as: UTF8.self)
    return "the daemon has ended: \(how) \(process.terminationStatus); \(said)"
  }

  func get(_ path: String) throws -> Answer { try request("GET", path) }

  @discardableResult
  func post(_ path: String, _ body: String? = nil) throws -> Answer {
    try request("POST", path, body)
  }

  /// Adds a process from a JSON object.
  @discardableResult
  func add(_ definition: [String: Any]) throws -> Answer {
    let data = try JSONSerialization.data(withJSONObject: definition)
    return try post("/add", String(decoding: data, as: UTF8.self))
  }

  /// Asks for a process on a connection of its own, from a JSON object, without waiting for the
  /// answer.
  func beginAdding(_ definition: [String: Any]) throws -> TestSocket {
    let socket = try connect()
    let data = try JSONSerialization.data(withJSONObject: definition)
    let body = String(decoding: data, as: UTF8.self)
    try socket.send(
      "POST \(path("/add")) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nexeio-api-key: test-key\r\nContent-Length: \(data.count)\r\n\r\n\(body)"
    )
    return socket
  }

  /// Gives a process another definition, from a JSON object.
  @discardableResult
  func update(_ definition: [String: Any]) throws -> Answer {
    let data = try JSONSerialization.data(withJSONObject: definition)
    return try post("/update/\(definition["id"] ?? "")", String(decoding: data, as: UTF8.self))
  }

  /// Adds `sh -c script`.
  @discardableResult
  func addShell(_ id: String, _ script: String, _ more: [String: Any] = [:]) throws -> Answer {
    let definition: [String: Any] = ["id": id, "command": "sh", "args": ["-c", script]]
    return try add(definition.merging(more) { $1 })
  }

  /// The process as `/status` has it.
  func status(_ id: String) throws -> [String: Any] {
    try get("/status/\(id)").object()
  }

  /// Waits until the process has that status, and returns it.
  @discardableResult
  func waitFor(_ id: String, status wanted: String) throws -> [String: Any] {
    try eventually("\(id) is \(wanted)") {
      let entry = try status(id)
      return entry["status"] as? String == wanted ? entry : nil
    }
  }

  /// The lines of a log, oldest first, without the time in front.
  func log(_ id: String) throws -> [String] {
    let answer = try get("/logs/\(id)?page_size=10000&order=asc").object()
    return (answer["logs"] as? [String] ?? []).map {
      String($0.dropFirst("[2025-07-15 10:30:45] ".count))
    }
  }

  /// Waits until the log has a line that ends in this text, and returns the line.
  @discardableResult
  func waitFor(_ id: String, line wanted: String) throws -> String {
    try eventually("\(id) logs '\(wanted)'") { try log(id).first { $0.hasSuffix(wanted) } }
  }

  /// Waits until the log has a line that holds this text, and returns the line.
  @discardableResult
  func waitFor(_ id: String, lineContaining wanted: String) throws -> String {
    try eventually("\(id) logs '\(wanted)'") { try log(id).first { $0.contains(wanted) } }
  }

  /// Sends a signal to the daemon.
  func signal(_ signal: Int32) {
    kill(process.processIdentifier, signal)
  }

  /// Closes the reading end of its standard output.
  func dropOutput() throws {
    try output.fileHandleForReading.close()
  }

  /// Waits for the daemon's end. Returns the exit code, or minus the signal that ended it.
  func waitForExit() -> Int32 {
    process.waitUntilExit()
    return process.terminationReason == .exit
      ? process.terminationStatus : -process.terminationStatus
  }

  /// What the daemon wrote to stderr, after its end.
  func errorOutput() -> String {
    String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
  }
}
