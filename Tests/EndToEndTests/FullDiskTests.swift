import Foundation
import Glibc
import TestSupport
import Testing

/// A start on a disk that takes no new file.
struct FullDiskTests {
  private static let files = 20

  @Test(.enabled(if: geteuid() == 0, "mounting a tmpfs takes root"), arguments: [true, false])
  func whatIsSavedRunsAndTheFilesFollowWhenThereIsRoom(hasLogDirectory: Bool) throws {
    var data = ""
    // The directory counts too.
    let free = Self.files - (hasLogDirectory ? 2 : 1)
    let daemon = try DaemonUnderTest { directory in
      data = directory.appendingPathComponent("data").path
      try #require(mount("tmpfs", data, "tmpfs", 0, "size=1m,nr_inodes=\(Self.files)") == 0)
      if hasLogDirectory { try #require(mkdir("\(data)/logs", 0o750) == 0) }
      for number in 0..<free {
        try #require(
          FileManager.default.createFile(atPath: "\(data)/ballast\(number)", contents: nil))
      }
      #expect(!FileManager.default.createFile(atPath: "\(data)/one-more", contents: nil))
      try #"[{"id": "a", "command": "sleep", "args": ["1000"]}]"#.write(
        to: directory.appendingPathComponent("config/processes.json"), atomically: true,
        encoding: .utf8)
    }
    defer { umount2(data, Int32(MNT_DETACH)) }
    try eventually("it runs") {
      try daemon.get("/status/a").object()["status"] as? String == "running"
    }
    func codes() throws -> [String] {
      let problems = try daemon.get("/health").object()["problems"] as? [[String: String]]
      return try #require(problems).compactMap { $0["code"] }
    }
    try eventually("all that cannot be written is a problem") {
      Set(try codes()).isSuperset(of: ["run_state", "log_write", "lock_file", "lines_lost"])
    }
    // That log is not one of a process.
    try eventually("so is what exeio.log lacks") {
      let problems = try daemon.get("/health").object()["problems"] as? [[String: String]]
      let messages = try #require(problems).compactMap { $0["message"] }
      return ["exeio.log has no file", "lines of exeio.log are being lost"].allSatisfy {
        beginning in
        messages.contains { $0.hasPrefix(beginning) }
      }
    }
    for number in 0..<free {
      try FileManager.default.removeItem(atPath: "\(data)/ballast\(number)")
    }
    try eventually("all files are written") { try codes().isEmpty }
    let lock = try String(contentsOfFile: "\(data)/exeio.lock", encoding: .utf8)
    #expect(lock == "\(daemon.pid)\n")
    #expect(try String(contentsOfFile: "\(data)/run-state", encoding: .utf8).contains("a"))
    #expect(FileManager.default.fileExists(atPath: "\(data)/logs/a.log"))
    let own = try String(contentsOfFile: "\(data)/logs/exeio.log", encoding: .utf8)
    #expect(own.contains(" lost: No space left on device"))
    kill(daemon.pid, SIGTERM)
    #expect(daemon.waitForExit() == 0)
  }

  /// The limit with its signal as a shell has it: what runs the tests may ignore it.
  private let limited = [
    "/usr/bin/env", "--default-signal=XFSZ", "/bin/bash", "-c", "ulimit -f 0; exec \"$@\"", "bash",
  ]

  @Test func aLimitOfTheSizeOfFilesIsAsAFullDisk() throws {
    let daemon = try DaemonUnderTest(runner: limited) { directory in
      try #"[{"id": "a", "command": "sleep", "args": ["1000"]}]"#.write(
        to: directory.appendingPathComponent("config/processes.json"), atomically: true,
        encoding: .utf8)
    }
    var entry: [String: Any] = [:]
    try eventually("it runs") {
      entry = try daemon.get("/status/a").object()
      return entry["status"] as? String == "running"
    }
    let problems = try daemon.get("/health").object()["problems"] as? [[String: String]]
    let codes = try #require(problems).compactMap { $0["code"] }
    #expect(Set(codes).isSuperset(of: ["run_state", "lock_file"]), "\(codes)")
    // The child has the default of SIGXFSZ, bit 24 of its ignored signals.
    let pid = try #require(entry["pid"] as? Int)
    let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
    let ignored = try #require(status.split(separator: "\n").first { $0.hasPrefix("SigIgn:") })
    #expect(ignored.hasSuffix("\t0000000000000000"), "\(ignored)")
    kill(daemon.pid, SIGTERM)
    #expect(daemon.waitForExit() == 0)
  }

  @Test func aLimitOfTheSizeOfFilesIsAnErrorOfACommand() throws {
    let directory = try TemporaryDirectory()
    let command =
      limited + [
        DaemonUnderTest.binary.path, "key", "add", "ci", "--role", "read", "--config-dir",
        directory.path,
      ]
    let run = try ShortRun.error(of: command[0], Array(command.dropFirst()))
    #expect(run.code == 1)
    #expect(run.error.hasSuffix(": File too large\n"), "\(run.error)")
  }
}
