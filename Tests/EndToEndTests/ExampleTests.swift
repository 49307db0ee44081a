import Foundation
import TestSupport
import Testing

/// The examples of the documents that exeio was asked for with, against the running daemon. What is
/// not installed everywhere has a stand-in in the daemon's `PATH`; directories of a server (`/app`)
/// are below the test's own.
struct ExampleTests {
  private let daemon: DaemonUnderTest
  private let root: URL

  init() throws {
    var made: URL?
    let standIns = ["npm", "docker", "consul", "java", "redis-server", "node", "python3"]
    let path = TestPrograms.searchPath
    let bin = URL(fileURLWithPath: NSTemporaryDirectory())
      .appendingPathComponent("exeio-bin-\(UUID().uuidString)")
    daemon = try DaemonUnderTest(environment: ["PATH": "\(bin.path):\(path)"]) { directory in
      made = directory
      try FileManager.default.createDirectory(at: bin, withIntermediateDirectories: true)
      for name in standIns {
        try Self.write("#!/bin/sh\necho \"\(name) $*\"\nexec sleep 1000\n", to: bin, name)
      }
      let folders = [
        "var/www/html", "app/workers", "projects/api", "projects/frontend", "scripts",
        "var/backups",
        "opt/log-processor", "services/user", "services/order",
      ]
      for folder in folders {
        try FileManager.default.createDirectory(
          at: directory.appendingPathComponent(folder), withIntermediateDirectories: true)
      }
      let scripts = directory.appendingPathComponent("scripts")
      try Self.write("#!/bin/sh\necho \"backup $1 in $(pwd)\"\n", to: scripts, "backup.sh")
    }
    root = try #require(made)
  }

  private static func write(_ text: String, to folder: URL, _ name: String) throws {
    let file = folder.appendingPathComponent(name)
    try Data(text.utf8).write(to: file)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path)
  }

  /// The body of an example, with the server's directories moved below the test's own.
  private func add(_ body: String) throws -> Answer {
    var moved = body
    for folder in [
      "/var/www", "/var/backups", "/app", "/projects", "/scripts", "/opt", "/services",
    ] {
      moved = moved.replacingOccurrences(of: "\"\(folder)", with: "\"\(root.path)\(folder)")
    }
    return try daemon.post("/add", moved)
  }

  @Test(arguments: [
    // Quick start
    """
    {"id": "web-server", "command": "python3", "args": ["-m", "http.server", "8000"],
     "working_dir": "/var/www/html", "auto_restart": true, "save_for_next_run": true}
    """,
    // Configuration and API reference
    """
    {"id": "my-process", "command": "node", "args": ["server.js"], "working_dir": "/app",
     "auto_restart": true, "save_for_next_run": true, "periodic": false, "period_seconds": null}
    """,
    """
    {"id": "unique-process-id", "command": "node", "args": ["arg1", "arg2"], "working_dir": "/app",
     "auto_restart": true, "save_for_next_run": true, "periodic": false, "period_seconds": 60}
    """,
    // Example 1
    """
    {"id": "api-server", "command": "npm", "args": ["run", "dev"], "working_dir": "/projects/api",
     "auto_restart": true, "save_for_next_run": true}
    """,
    """
    {"id": "frontend", "command": "npm", "args": ["run", "serve"],
     "working_dir": "/projects/frontend", "auto_restart": true, "save_for_next_run": true}
    """,
    """
    {"id": "database", "command": "docker",
     "args": ["run", "--rm", "-p", "5432:5432", "-e", "POSTGRES_PASSWORD=dev", "postgres:13"],
     "auto_restart": true, "save_for_next_run": false}
    """,
    // Example 2
    """
    {"id": "log-processor", "command": "python3", "args": ["process_logs.py"],
     "working_dir": "/opt/log-processor", "periodic": true, "period_seconds": 300,
     "save_for_next_run": true}
    """,
    // Example 3
    """
    {"id": "consul", "command": "consul", "args": ["agent", "-dev"], "auto_restart": true,
     "save_for_next_run": true}
    """,
    """
    {"id": "user-service", "command": "java", "args": ["-jar", "user-service.jar"],
     "working_dir": "/services/user", "auto_restart": true, "save_for_next_run": true}
    """,
    """
    {"id": "order-service", "command": "node", "args": ["index.js"],
     "working_dir": "/services/order", "auto_restart": true, "save_for_next_run": true}
    """,
    // Example 4
    """
    {"id": "production-api", "command": "node", "args": ["dist/server.js"], "working_dir": "/app",
     "auto_restart": true, "save_for_next_run": true}
    """,
    """
    {"id": "job-processor", "command": "python3", "args": ["worker.py"],
     "working_dir": "/app/workers", "auto_restart": true, "save_for_next_run": true}
    """,
    // Example 5
    """
    {"id": "redis-server", "command": "redis-server", "args": ["--port", "6379"],
     "auto_restart": true, "save_for_next_run": true}
    """,
    """
    {"id": "database-migration", "command": "npm", "args": ["run", "migrate"],
     "working_dir": "/app", "auto_restart": false, "save_for_next_run": false}
    """,
    """
    {"id": "dev-server", "command": "npm", "args": ["run", "dev"], "working_dir": "/app",
     "auto_restart": true, "save_for_next_run": false}
    """,
  ])
  func theProcessOfAnExampleRuns(body: String) throws {
    let answer = try add(body)
    #expect(answer.status == 201, "\(answer.text)")
    let process = try #require(try answer.object()["process"] as? [String: Any])
    let id = try #require(process["id"] as? String)
    #expect(try daemon.status(id)["status"] as? String == "running")
    let args = try #require(process["args"] as? [String]).joined(separator: " ")
    try eventually("its output is in its log") {
      let log = try daemon.log(id)
      let command = process["command"] as? String ?? ""
      return log.contains { $0.hasSuffix("STDOUT: \(command) \(args)") }
    }
    #expect(try daemon.get("/logs/\(id)?page=1&page_size=20").status == 200)
    #expect(try daemon.get("/list").list().map { $0["id"] as? String } == [id])
  }

  @Test func theHourlyBackupRunsAndWaits() throws {
    let answer = try add(
      """
      {"id": "hourly-backup", "command": "/scripts/backup.sh", "args": ["--incremental"],
       "working_dir": "/var/backups", "periodic": true, "period_seconds": 3600,
       "save_for_next_run": true}
      """)
    #expect(answer.status == 201, "\(answer.text)")
    let entry = try daemon.waitFor("hourly-backup", status: "waiting")
    #expect(entry["next_run"] is String)
    #expect(
      try daemon.log("hourly-backup").contains { $0.hasPrefix("RUN#1 STDOUT: backup --incr") })
  }

  @Test func aNormalExitIsRestartedAfterAboutSevenSeconds() throws {
    let work = root.appendingPathComponent("work")
    try Self.write(
      """
      #!/bin/bash
      echo "Process started"
      sleep 5
      echo "Process exiting normally"
      exit 0
      """, to: work, "test_normal_exit.sh")
    let answer = try add(
      #"{"id": "test-normal", "command": "./test_normal_exit.sh", "auto_restart": true}"#)
    #expect(answer.status == 201)
    let first = try #require(try daemon.status("test-normal")["last_run"] as? String)
    try daemon.waitFor("test-normal", line: "Starting process 'test-normal' (Run #2)")
    let second = try eventually("the second run") {
      let time = try daemon.status("test-normal")["last_run"] as? String
      return time == first ? nil : time
    }
    let parser = ISO8601DateFormatter()
    let start = try #require(parser.date(from: first))
    let restart = try #require(parser.date(from: second))
    // Five seconds, and two of delay; seconds are cut off in both times. A busy machine takes
    // longer.
    #expect((6...60).contains(restart.timeIntervalSince(start)))
    #expect(try daemon.log("test-normal").contains { $0.contains("after normal exit (PID: ") })
  }

  @Test func aCrashIsRestartedUntilItIsStoppedByHand() throws {
    let work = root.appendingPathComponent("work")
    try Self.write(
      """
      #!/bin/bash
      echo "Process started"
      sleep 3
      echo "Simulating crash!"
      exit 1
      """, to: work, "test_crash.sh")
    let answer = try add(
      #"{"id": "test-crash", "command": "./test_crash.sh", "auto_restart": true}"#)
    #expect(answer.status == 201)
    try daemon.waitFor("test-crash", line: "Starting process 'test-crash' (Run #2)")
    let log = try daemon.log("test-crash")
    #expect(log.contains("STDOUT: Simulating crash!"))
    #expect(log.contains { $0.contains("after crash with exit code 1 (PID: ") })
    #expect(try daemon.post("/stop/test-crash").status == 200)
    let entry = try #require(
      try daemon.get("/list").list().first { $0["id"] as? String == "test-crash" })
    #expect(entry["status"] as? String == "manually_stopped")
    #expect(entry["auto_restart"] as? Bool == true)
  }
}
