import Foundation
import Glibc
import TestSupport
import Testing

/// What a start needs is on a file system that hangs: the start fails at its step after its time,
/// and all else goes on.
@Suite(.enabled(if: HangingFiles.isPossible, "a file system of fuse(4) cannot be mounted here"))
struct StartHangTests {
  /// A field of a definition whose value lies on that file system.
  enum Place: String, CaseIterable {
    case workingDirectory = "working_dir"
    case environmentFile = "environment_file"
    case command
    case listen

    var operation: HangingFiles.Operation {
      switch self {
      case .workingDirectory: .chdir
      case .environmentFile: .open
      case .command: .exec
      case .listen: .create
      }
    }

    func value(in path: String) -> String {
      switch self {
      case .workingDirectory: path
      case .environmentFile: "\(path)/environment"
      case .command: "\(path)/program"
      case .listen: "\(path)/socket"
      }
    }
  }

  /// What cannot even be killed keeps nothing but itself waiting, until its file system answers.
  @Test(arguments: Place.allCases, [true, false])
  func aStartThatHangsFailsAtItsStepAndHoldsUpNothing(place: Place, canBeKilled: Bool) throws {
    let directory = try TemporaryDirectory()
    let files = try HangingFiles(at: directory.path)
    defer { files.end() }
    if canBeKilled { try files.beInterruptible() }
    try "A=b\n".write(toFile: "\(files.behind)/environment", atomically: true, encoding: .utf8)
    try "#!/bin/sh\nexec sleep 1000\n".write(
      toFile: "\(files.behind)/program", atomically: true, encoding: .utf8)
    try #require(chmod("\(files.behind)/program", 0o755) == 0)
    let daemon = try DaemonUnderTest()
    try daemon.addShell(
      "other", "exec sleep 1000", ["auto_restart": true, "restart_delay_seconds": [0.1]])
    try files.hang(place.operation, .stat)
    var definition: [String: Any] = [
      "id": "hung", "command": "sleep", "args": ["1000"], "start_timeout_seconds": 1,
    ]
    let value = place.value(in: files.path)
    definition[place.rawValue] = place == .listen ? [value] : value
    let socket = try daemon.beginAdding(definition)
    // Seconds: a loop that is held up answers none of them.
    var slowest: TimeInterval = 0
    for _ in 0..<100 {
      let start = Date()
      #expect(try daemon.request("GET", "/health", key: nil).status == 200)
      slowest = max(slowest, Date().timeIntervalSince(start))
    }
    #expect(slowest < 1, "\(slowest) s")
    let old = try #require(try daemon.status("other")["pid"] as? Int)
    kill(Int32(old), SIGKILL)
    try eventually("other is restarted") {
      let entry = try daemon.status("other")
      return entry["status"] as? String == "running" && entry["pid"] as? Int != old
    }
    try eventually("the start has failed at its step") {
      let error = try daemon.status("hung")["error"] as? String ?? ""
      return error.contains("\(place.rawValue) '\(place.value(in: files.path))': timed out after 1")
    }
    #expect(try socket.receiveAnswer(toHead: false).status == 201)
    #expect(try daemon.post("/stop/other").status == 200)
    if !canBeKilled, [.workingDirectory, .command].contains(place) {
      // A child is stuck in the kernel. Each further start would leave another one.
      try daemon.post("/start/hung")
      let error = try daemon.status("hung")["error"] as? String ?? ""
      #expect(error.contains("an earlier start hangs there still"), "\(error)")
      try files.goOn()
      try eventually("nothing is in the way any more") {
        try daemon.post("/start/hung").status == 200
      }
      try daemon.waitFor("hung", status: "running")
    }
    // What is stuck there keeps threads of the daemon, too: LingeringTests.
    guard canBeKilled else { return files.end() }
    // Another daemon finds nothing in its way.
    daemon.signal(SIGKILL)
    _ = daemon.waitForExit()
    try daemon.launch()
    try daemon.addShell("another", "exec sleep 1000")
    daemon.signal(SIGTERM)
    #expect(daemon.waitForExit() == 0)
  }

  /// So many starts are under way at a time; those that hang give up their places.
  @Test(arguments: [Place.environmentFile, .workingDirectory])
  func manyThatHangLeaveRoomForOthers(place: Place) throws {
    let directory = try TemporaryDirectory()
    let files = try HangingFiles(at: directory.path)
    defer { files.end() }
    try "A=b\n".write(toFile: "\(files.behind)/environment", atomically: true, encoding: .utf8)
    let daemon = try DaemonUnderTest()
    try files.hang(place.operation)
    let sockets = try (0..<40).map { number in
      try daemon.beginAdding([
        "id": "hung\(number)", "command": "sleep", "args": ["1000"],
        place.rawValue: place.value(in: files.path),
      ])
    }
    try files.waitUntilHeld(place.operation)
    #expect(try daemon.addShell("other", "exec sleep 1000").status == 201)
    #expect(try daemon.status("other")["status"] as? String == "running")
    for number in 0..<40 {
      #expect(try daemon.status("hung\(number)")["pid"] is NSNull, "its start hangs no longer")
    }
    try files.goOn()
    for socket in sockets { #expect(try socket.receiveAnswer(toHead: false).status == 201) }
    for number in 0..<40 { try daemon.waitFor("hung\(number)", status: "running") }
  }

  /// What the daemon cannot read says nothing of a process that runs.
  @Test func aHealthCheckThatCannotBeMadeIsNoFailure() throws {
    let directory = try TemporaryDirectory()
    let files = try HangingFiles(at: directory.path)
    defer { files.end() }
    try "A=b\n".write(toFile: "\(files.behind)/environment", atomically: true, encoding: .utf8)
    let daemon = try DaemonUnderTest()
    try daemon.addShell(
      "web", "exec sleep 1000",
      [
        "environment_file": "\(files.path)/environment", "start_timeout_seconds": 0.5,
        "health_check": ["command": ["true"], "interval_seconds": 0.1, "retries": 1],
      ])
    try daemon.waitFor("web", lineContaining: "is healthy")
    let pid = try daemon.status("web")["pid"] as? Int
    try files.hang(.open)
    try eventually("it was tried three times") {
      try daemon.log("exeio").count {
        $0.contains("The health check of process 'web' could not be made, which says nothing of it")
          && $0.hasSuffix("environment_file '\(files.path)/environment': timed out after 0.5s")
      } >= 3
    }
    let entry = try daemon.status("web")
    #expect(entry["pid"] as? Int == pid)
    #expect((entry["health"] as? [String: Any])?["status"] as? String == "healthy")
    try files.goOn()
  }

  /// The kernel has let the old program go by then, and nothing can be read of the process. Each
  /// run that ends asks whether it is one of its own.
  @Test(arguments: Containment.possible)
  func anOrphanThatHangsInTheMiddleOfAnExecKeepsNoOthersFromTheirRestart(
    containment: Containment
  ) throws {
    let files = try HangingFiles()
    defer { files.end() }
    try "".write(toFile: "\(files.behind)/file", atomically: true, encoding: .utf8)
    let contained = try ContainedDaemon(containment)
    let daemon = contained.daemon
    try files.hang(.close)
    // Perl has the file closed by the exec, which waits for its file system there.
    try daemon.addShell(
      "culprit",
      """
      (setsid perl -e 'open(F, "<", "\(files.path)/file"); exec "sleep", "1000"' > /dev/null 2>&1 &)
      exec sleep 1000
      """, ["stop_timeout_seconds": 0.5])
    try files.waitUntilHeld(.close)
    let children = try String(
      contentsOfFile: "/proc/\(daemon.pid)/task/\(daemon.pid)/children", encoding: .utf8)
    let hidden = children.split(separator: " ").contains { pid in
      let statm = try? String(contentsOfFile: "/proc/\(pid)/statm", encoding: .utf8)
      return statm?.split(separator: " ").dropFirst(3).first == "0"
    }
    #expect(hidden, "nothing is hidden, and the test shows nothing")
    // Without cgroups it may be of one that was there before: that waits for a while.
    for number in 0..<3 {
      try daemon.addShell("other\(number)", "exit 0")
      let begin = Date()
      try eventually("it is over") {
        try daemon.status("other\(number)")["status"] as? String == "stopped"
      }
      #expect(Date().timeIntervalSince(begin) < 10, "as long as a stop takes at the most")
    }
    // With its run over, no other run waits for it, and it must not go on when it can. In a cgroup
    // it is known, and outlives SIGKILL for now.
    let status = try daemon.post("/stop/culprit").status
    #expect(status == (containment == .marks ? 200 : 500))
    try files.goOn()
    try eventually("it has been ended") { SystemView.children(of: daemon.pid).isEmpty }
  }
}
