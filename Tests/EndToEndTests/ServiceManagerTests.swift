import Foundation
import Glibc
import TestSupport
import Testing
import UV

/// The daemon under a service manager of paper: what it says, and what it makes of what it is
/// given.
@Suite(.direct("the test is the service manager, and connects to the sockets that it has made"))
struct ServiceManagerTests {
  private let temporary: TemporaryDirectory
  private let notify: NotifyReceiver
  private var directory: URL { URL(fileURLWithPath: temporary.path) }

  init() throws {
    temporary = try TemporaryDirectory()
    for name in ["config", "data"] {
      try FileManager.default.createDirectory(
        atPath: temporary.file(name), withIntermediateDirectories: true)
    }
    notify = try NotifyReceiver(temporary.file("notify"))
  }

  private func save(_ definitions: [[String: Any]]) throws {
    try JSONSerialization.data(withJSONObject: definitions)
      .write(to: URL(fileURLWithPath: temporary.file("config/processes.json")))
  }

  /// Starts a daemon that talks to `notify`, and waits until it is ready. Returns its port as well.
  private func start(
    _ environment: [String: String] = [:]
  ) throws -> (service: ServiceUnderTest, port: UInt16) {
    let service = try ServiceUnderTest(
      in: directory, environment: environment.merging(["NOTIFY_SOCKET": notify.name]) { $1 })
    let lines = try notify.receive("READY=1")
    let match = try #/STATUS=127\.0\.0\.1:(\d+),/#.firstMatch(in: lines.joined(separator: "\n"))
    let port = try #require(match.flatMap { UInt16($0.1) }, "\(lines)")
    return (service, port)
  }

  @Test func readyIsSaidWhenRequestsAreServedAndTheSavedProcessesAreKnown() throws {
    try save([
      ["id": "web", "command": "sleep", "args": ["1000"]],
      ["id": "none", "command": "/does/not/exist"],
    ])
    let service = try ServiceUnderTest(
      in: directory, environment: ["NOTIFY_SOCKET": notify.name])
    let first = try notify.receive()
    let match = try #/^READY=1\nSTATUS=127\.0\.0\.1:(\d+), 2 processes: 2 starting$/#
      .wholeMatch(in: first)
    let port = try #require(match.flatMap { UInt16($0.1) }, "\(first)")
    let socket = try TestSocket(port: port)
    #expect(try ServiceUnderTest.request("GET", "/list", over: socket).list().count == 2)
    let status = "STATUS=127.0.0.1:\(port), "
    #expect(
      try notify.receive("STATUS=") == [status + "2 processes: 1 running, 1 failed"])
    #expect(try ServiceUnderTest.request("POST", "/stop/web", over: socket).status == 200)
    // Whatever is told in between is told in order.
    while true {
      let line = try notify.receive()
      if line == status + "2 processes: 1 manually stopped, 1 failed" { break }
      #expect(line == status + "2 processes: 1 stopping, 1 failed")
    }
    kill(service.pid, SIGTERM)
    #expect(service.waitForExit() == 0)
  }

  @Test func theStatusIsToldOnceASecondAtTheMost() throws {
    try save([["id": "web", "command": "sleep", "args": ["1000"]]])
    let (service, port) = try start()
    let socket = try TestSocket(port: port)
    let began = ContinuousClock.now
    for _ in 0..<50 {
      for verb in ["stop", "start"] {
        let answer = try ServiceUnderTest.request("POST", "/\(verb)/web", over: socket)
        #expect(answer.status == 200)
      }
    }
    #expect(try ServiceUnderTest.request("POST", "/remove/web", over: socket).status == 200)
    var count = 1
    while try notify.receive() != "STATUS=127.0.0.1:\(port), no processes" { count += 1 }
    let time = ContinuousClock.now - began
    #expect(count <= Int(time / .seconds(1)) + 2, "\(count) in \(time)")
    kill(service.pid, SIGTERM)
    #expect(service.waitForExit() == 0)
  }

  @Test func theEndIsAnnouncedAndTimeIsAskedForWhileAChildIgnoresTheStopSignal() throws {
    try save([
      [
        "id": "deaf", "command": "sh", "stop_timeout_seconds": 8,
        "args": ["-c", "trap '' TERM; touch ready; while :; do sleep 0.05; done"],
        "working_dir": temporary.path,
      ]
    ])
    let (service, _) = try start()
    let ready = temporary.file("ready")
    try eventually("it runs") { FileManager.default.fileExists(atPath: ready) }
    let child = try #require(SystemView.children(of: service.pid).first)
    kill(service.pid, SIGTERM)
    let stopping = try notify.receive("STOPPING=1")
    #expect(stopping.count == 2 && stopping[1].hasSuffix("1 process: 1 stopping"))
    #expect(SystemView.isAlive(child))
    // 8 s for TERM, and what KILL may take: more than one message asks for.
    for _ in 0..<3 {
      #expect(try notify.receive("EXTEND_TIMEOUT_USEC") == ["EXTEND_TIMEOUT_USEC=10000000"])
      #expect(SystemView.isAlive(child))
    }
    kill(service.pid, SIGTERM)
    #expect(service.waitForExit() == 0)
    #expect(!SystemView.isAlive(child))
  }

  @Test func whatAnEarlierDaemonLeftIsGivenTimeAsWell() throws {
    try save([
      [
        "id": "deaf", "command": "sh", "stop_timeout_seconds": 3600,
        "args": [
          "-c", "trap '' TERM PIPE; exec 1>&- 2>&-; touch ready; while :; do sleep 0.05; done",
        ],
        "working_dir": temporary.path,
      ]
    ])
    do {
      let (service, _) = try start()
      let ready = temporary.file("ready")
      try eventually("it runs") { FileManager.default.fileExists(atPath: ready) }
      kill(service.pid, SIGKILL)
      #expect(service.waitForExit() == -SIGKILL)
    }
    try save([])
    let (service, _) = try start()
    kill(service.pid, SIGTERM)
    _ = try notify.receive("STOPPING=1")
    for _ in 0..<2 {
      #expect(try notify.receive("EXTEND_TIMEOUT_USEC") == ["EXTEND_TIMEOUT_USEC=10000000"])
    }
    kill(service.pid, SIGTERM)
    #expect(service.waitForExit() == 0)
  }

  @Test func aShutdownOverTheAPIIsAnnouncedToo() throws {
    let (service, port) = try start()
    let socket = try TestSocket(port: port)
    #expect(try ServiceUnderTest.request("POST", "/shutdown", over: socket).status == 200)
    _ = try notify.receive("STOPPING=1")
    #expect(service.waitForExit() == 0)
  }

  @Test func theWatchdogIsFedByTheLoop() throws {
    let (service, _) = try start(["WATCHDOG_USEC": "200000"])
    for _ in 0..<3 { #expect(try notify.receive() == "WATCHDOG=1") }
    // A loop that hangs says nothing.
    kill(service.pid, SIGSTOP)
    try eventually("it has stopped") { SystemView.isStopped(service.pid) }
    while !notify.isEmpty { #expect(try notify.receive() == "WATCHDOG=1") }
    #expect(throws: NotifyReceiver.NeverCame.self) { try notify.receive(within: 600) }
    kill(service.pid, SIGCONT)
    _ = try notify.receive("WATCHDOG=1")
  }

  @Test func aWatchdogOfAnotherProcessOrOfNoTimeIsNotFed() throws {
    for (time, pid) in [("1000", "1"), ("x", "")] {
      var environment = ["WATCHDOG_USEC": time]
      if !pid.isEmpty { environment["WATCHDOG_PID"] = pid }
      let (service, port) = try start(environment)
      let log = try ServiceUnderTest.request(
        "GET", "/logs/exeio?q=WATCHDOG_USEC", over: TestSocket(port: port)
      ).object()
      #expect(log["total_lines"] as? Int == (pid.isEmpty ? 1 : 0))
      #expect(notify.isEmpty)
      kill(service.pid, SIGTERM)
      #expect(service.waitForExit() == 0)
      _ = try notify.receive("EXTEND_TIMEOUT_USEC")
      try FileManager.default.removeItem(atPath: temporary.file("data/logs"))
    }
  }

  @Test func aReloadIsAnnouncedAndEndsReady() throws {
    let (service, _) = try start()
    let log = temporary.file("data/logs/exeio.log")
    try FileManager.default.moveItem(atPath: log, toPath: log + ".old")
    kill(service.pid, SIGHUP)
    let reloading = try notify.receive()
    let match = try #/RELOADING=1\nMONOTONIC_USEC=(\d+)/#.wholeMatch(in: reloading)
    let microseconds = try #require(match.flatMap { Int64($0.1) }, "\(reloading)")
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    let age = Int64(now.tv_sec) * 1_000_000 + Int64(now.tv_nsec) / 1000 - microseconds
    #expect(age >= 0 && age < 60_000_000)
    #expect(try notify.receive().hasPrefix("READY=1\nSTATUS="))
    let text = try String(contentsOfFile: log, encoding: .utf8)
    #expect(text.contains("Log files reopened"), "ready was said before it was done")
  }

  @Test func whatMustNotGetLostWaitsForAServiceManagerThatIsBusy() throws {
    let filler = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
    defer { close(filler) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: notify.name.utf8) }
    let size = socklen_t(MemoryLayout<sockaddr_un>.size)
    let connected = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(filler, $0, size) }
    }
    try #require(connected == 0)
    var count = 0
    while send(filler, "x", 1, 0) == 1 { count += 1 }
    try #require(errno == EAGAIN && count > 0)
    let service = try ServiceUnderTest(
      in: directory, environment: ["NOTIFY_SOCKET": notify.name])
    // It serves although no service manager hears that it does.
    try eventually("it has started") {
      // Until then there is no such file.
      let bytes = (try? Files.read(temporary.file("data/logs/exeio.log"), limit: 1 << 20)) ?? []
      return String(decoding: bytes, as: UTF8.self).contains("supervisor started")
    }
    for _ in 0..<count { #expect(try notify.receive() == "x") }
    #expect(try notify.receive().hasPrefix("READY=1\n"))
    kill(service.pid, SIGTERM)
    #expect(service.waitForExit() == 0)
  }

  @Test(arguments: ["/does/not/exist", "vsock:2:1"])
  func aServiceManagerThatCannotBeToldIsMentionedOnce(name: String) throws {
    let daemon = try DaemonUnderTest(environment: ["NOTIFY_SOCKET": name])
    try daemon.addShell("web", "exec sleep 1000")
    #expect(try daemon.post("/stop/web").status == 200)
    #expect(try daemon.log("exeio").filter { $0.contains(name) }.count == 1)
    daemon.signal(SIGTERM)
    #expect(daemon.waitForExit() == 0)
    #expect(daemon.errorOutput() == "")
  }

  @Test func aStartThatFailedSaysWhy() throws {
    let taken = try ListeningSocket()
    let service = try ServiceUnderTest(
      ["--port", "\(taken.port)"], in: directory, environment: ["NOTIFY_SOCKET": notify.name])
    #expect(service.waitForExit() == 1)
    let lines = try notify.receive().split(separator: "\n")
    #expect(lines.count == 2 && lines[1] == "ERRNO=\(EADDRINUSE)", "\(lines)")
    #expect(lines[0].hasPrefix("STATUS=listen on '127.0.0.1:\(taken.port)': "))
    #expect(notify.isEmpty)
  }

  @Test func anIdleDaemonDoesNotWakeUp() throws {
    let (service, port) = try start()
    #expect(
      try ServiceUnderTest.request("GET", "/list", over: TestSocket(port: port)).status == 200)
    // Once what follows a start is over, it sleeps: then no second passes with a switch of context.
    try eventually("a second without a wakeup") {
      let before = SystemView.statusValue("voluntary_ctxt_switches", of: service.pid)
      sleep(1)
      return before == SystemView.statusValue("voluntary_ctxt_switches", of: service.pid)
    }
  }
}
