import Foundation
import Glibc
import TestSupport
import Testing

/// The thread of the loop makes no system call that can wait for a file system: strace(1) sees them
/// all.
@Suite(.enabled(if: Trace.isPossible, "strace cannot attach to a process here"))
struct LoopCallsTests {
  /// What the loop may look at, and why that cannot wait.
  private static let allowed = [
    // The kernel's own memory, but for what waits for a process.
    "/proc",
    // The kernel's own memory as well: cgroups(7).
    "/sys/fs/cgroup",
    // A device without anything behind it.
    "/dev/null",
  ]

  /// What waits for another process than the daemon, if that is in the middle of an execve(2) or
  /// has locked its memory.
  private static func waitsForProcess(_ path: Substring, _ daemon: Int32) -> Bool {
    guard let match = path.wholeMatch(of: #/\/proc\/(\d+)\/(task\/\d+\/)?(environ|stat)/#) else {
      return false
    }
    return match.1 != "\(daemon)"
  }

  /// The paths that a line of strace names: of descriptors, of sockets, and as arguments.
  private static func paths(in line: Substring, of daemon: Int32) -> [Substring] {
    // The working directory stands before a path that begins at the root.
    let call = line.replacing(#/AT_FDCWD<[^>]*>/#, with: "AT_FDCWD")
    var paths = call.matches(of: #/\b\d+<(\/[^>]*)>/#).map { Substring($0.1) }
    paths += call.matches(of: #/sun_path="([^@"][^"]*)"/#).map { Substring($0.1) }
    if call.prefixMatch(of: #/(p?readv?|p?writev?|pread64|pwrite64|bind|connect)\(/#) == nil {
      paths += call.matches(of: #/"([^"]*)"/#).map { Substring($0.1) }
    }
    return paths.filter { path in
      guard !path.isEmpty, !waitsForProcess(path, daemon) else { return !path.isEmpty }
      return !allowed.contains { path == $0 || path.hasPrefix("\($0)/") }
    }
  }

  @Test func whatTraceLinesName() {
    func named(_ line: Substring) -> [Substring] { Self.paths(in: line, of: 9) }
    #expect(named(#"openat(AT_FDCWD</tmp>, "/proc/1/statm", O_RDONLY) = 7</proc/1/statm>"#) == [])
    #expect(named(#"openat(AT_FDCWD</tmp>, "/proc/self/stat", O_RDONLY) = 7"#) == [])
    #expect(named(#"read(7</proc/9/stat>, "9 (exeio) R 77 9", 4096) = 317"#) == [])
    for path in ["/proc/1/environ", "/proc/1/stat", "/proc/1/task/2/stat"] {
      #expect(named("openat(AT_FDCWD</>, \"\(path)\", O_RDONLY) = 7") == [Substring(path)])
    }
    #expect(named(#"newfstatat(AT_FDCWD</>, "/x/y", {...}, 0) = 0"#) == ["/x/y"])
    #expect(named(#"close(7</x/log>) = 0"#) == ["/x/log"])
    #expect(named(#"read(9<socket:[5]>, "POST /add \"/etc\"", 100) = 9"#) == [])
    #expect(named(#"write(9</x>, "a", 1) = 1"#) == ["/x"])
    #expect(named(#"bind(9<socket:[5]>, {sa_family=AF_UNIX, sun_path="/x/s"}, 9) = 0"#) == ["/x/s"])
    #expect(named(#"unlink("notify") = 0"#) == ["notify"])
  }

  @Test func theLoopTouchesNoFileOfADisk() throws {
    let daemon = try DaemonUnderTest()
    let directory = daemon.directory.path
    try "A=b\n".write(toFile: "\(directory)/environment", atomically: true, encoding: .utf8)
    try daemon.addShell("first", "exec sleep 1000", ["save_for_next_run": true])
    let trace = try Trace(daemon.pid, "\(directory)/trace")
    let definitions: [[String: Any]] = [
      [
        "id": "busy", "command": "sh", "args": ["-c", "while :; do echo a line; sleep 0.01; done"],
        "environment_file": "\(directory)/environment", "working_dir": "\(directory)/work",
        "save_for_next_run": true, "auto_restart": true, "restart_delay_seconds": [0.1],
        "before_start": ["true"], "after_exit": ["true"], "log_max_bytes": 65536,
        "health_check": ["command": ["true"], "interval_seconds": 1],
      ],
      ["id": "none", "command": "/no/such", "working_dir": "/no/such"],
      ["id": "orphan", "command": "sh", "args": ["-c", "(setsid sleep 1000 &); exit 0"]],
      [
        "id": "other", "command": "sleep", "args": ["1000"], "user": "nobody",
        "listen": ["\(directory)/socket"],
      ],
      [
        "id": "notifying", "command": "sh",
        "args": ["-c", "systemd-notify --ready; exec sleep 1000"],
        "ready": "notify",
      ],
    ]
    for definition in definitions {
      let answer = try daemon.add(definition)
      let message = try answer.message
      #expect(answer.status == 201, "\(message)")
    }
    try daemon.waitFor("busy", line: "STDOUT: a line")
    let pid = try #require(try daemon.status("busy")["pid"] as? Int)
    kill(Int32(pid), SIGKILL)
    try eventually("it is restarted") {
      let entry = try daemon.status("busy")
      return entry["status"] as? String == "running" && entry["pid"] as? Int != pid
    }
    for path in ["/list", "/logs/busy", "/logs/busy?q=line&page=2", "/logs/exeio", "/metrics"] {
      #expect(try daemon.get(path).status == 200, "\(path)")
    }
    #expect(try daemon.post("/update/busy?merge=true", #"{"auto_restart": false}"#).status == 200)
    for path in [
      "/clear-log/busy", "/reload", "/restart/busy", "/stop/busy", "/remove/busy?delete_log=true",
      "/remove/other", "/remove/notifying",
    ] {
      #expect(try daemon.post(path).status == 200, "\(path)")
    }
    daemon.signal(SIGUSR1)
    daemon.signal(SIGHUP)
    try daemon.waitFor("exeio", lineContaining: "SIGHUP")
    let lines = try trace.end()
    #expect(lines.count > 100)
    let strange = lines.filter { !Self.paths(in: $0, of: daemon.pid).isEmpty }
    #expect(strange.isEmpty, "\(strange.joined(separator: "\n"))")
  }
}
