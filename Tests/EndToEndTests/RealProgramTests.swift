import Foundation
import TestSupport
import Testing

/// Programs that people run, as Debian has them, under what a definition can ask for.
struct RealProgramTests {
  @Test(.needs("nginx")) func nginxIsHealthyOnceItAnswersAndIsRestartedWhenItNoLongerDoes() throws {
    let daemon = try DaemonUnderTest()
    let port = try Int(unusedPort())
    let site = daemon.directory.appendingPathComponent("site")
    try FileManager.default.createDirectory(at: site, withIntermediateDirectories: true)
    let page = site.appendingPathComponent("health")
    try Data("ok\n".utf8).write(to: page)
    try Data(
      """
      daemon off; pid nginx.pid; error_log stderr;
      events { }
      http {
        access_log off; client_body_temp_path a; proxy_temp_path b; fastcgi_temp_path c;
        uwsgi_temp_path d; scgi_temp_path e;
        server { listen 127.0.0.1:\(port); root \(site.path); }
      }
      """.utf8
    ).write(to: daemon.directory.appendingPathComponent("work/nginx.conf"))
    let work = daemon.directory.appendingPathComponent("work").path
    try daemon.add([
      "id": "web", "command": try #require(Installed.path(of: "nginx")),
      "args": ["-p", work, "-c", "nginx.conf", "-e", "stderr"], "ready": "healthy",
      "restart_delay_seconds": [0.1],
      "health_check": [
        "http": "http://127.0.0.1:\(port)/health", "interval_seconds": 0.2, "retries": 2,
      ],
    ])
    let first = try daemon.waitFor("web", status: "running")
    #expect((first["health"] as? [String: Any])?["status"] as? String == "healthy")
    try FileManager.default.removeItem(at: page)
    try daemon.waitFor("web", lineContaining: "HTTP status 404")
    try eventually("another nginx runs") {
      let pid = try daemon.status("web")["pid"] as? Int
      return pid != nil && pid != first["pid"] as? Int
    }
    // It is up, and not ready: that is not "running".
    try daemon.waitFor("web", status: "starting")
    try Data("ok\n".utf8).write(to: page)
    try daemon.waitFor("web", status: "running")
    #expect(try daemon.post("/stop/web").status == 200)
    #expect(throws: TestSocket.Failure.self) { try TestSocket(port: UInt16(port)) }
  }

  @Test(.needs("redis-server", "redis-cli")) func whatDependsOnRedisStartsWhenRedisAnswers() throws
  {
    let daemon = try DaemonUnderTest()
    let port = try Int(unusedPort())
    // It is added first, and waits.
    try daemon.add([
      "id": "redis", "command": "sh",
      "args": [
        "-c",
        "until [ -e go ]; do sleep 0.02; done; exec redis-server --port \(port) --bind 127.0.0.1 --save ''",
      ],
      "ready": "healthy", "restart_policy": "always", "restart_delay_seconds": [0.1],
      "health_check": [
        "command": ["sh", "-c", "redis-cli -p \(port) ping | grep -q PONG"],
        "interval_seconds": 0.1, "retries": 1000,
      ],
    ])
    let answer = try daemon.add([
      "id": "client", "command": "redis-cli",
      "args": ["-p", "\(port)", "set", "greeting", "hello"],
      "depends_on": [["id": "redis", "condition": "healthy"]],
    ])
    #expect(answer.status == 201)
    let waiting = try daemon.status("client")
    #expect(waiting["status"] as? String == "starting")
    #expect((waiting["error"] as? String)?.contains("'redis' (healthy)") == true)
    #expect(waiting["run_count"] as? Int == 0)
    try Data().write(to: daemon.directory.appendingPathComponent("work/go"))
    let done = try daemon.waitFor("client", status: "stopped")
    #expect((done["last_exit"] as? [String: Any])?["code"] as? Int == 0)
    try daemon.waitFor("client", line: "STDOUT: OK")
    #expect(try daemon.status("redis")["status"] as? String == "running")
  }

  @Test(.needs("postgres", "initdb", "psql"), .enabled(if: geteuid() == 0, "takes root"))
  func postgresTellsThatItIsReadyAndAJobRunsAgainstIt() throws {
    let daemon = try DaemonUnderTest()
    let port = try Int(unusedPort())
    let home = "/tmp/exeio-postgres-\(UInt32.random(in: 0...UInt32.max))"
    defer { unlinkTree(home) }
    let bin = URL(fileURLWithPath: try #require(Installed.path(of: "postgres")))
      .deletingLastPathComponent().path
    let user = "postgres"
    try daemon.add([
      "id": "db-init", "command": "sh", "working_dir": "/tmp",
      "args": [
        "-c",
        "install -d -o \(user) -m 0700 \(home) && exec setpriv --reuid \(user) --regid \(user) --clear-groups \(bin)/initdb -D \(home)/data -A trust --no-sync",
      ],
    ])
    // Debian's PostgreSQL speaks sd_notify.
    try daemon.add([
      "id": "db", "command": "\(bin)/postgres", "user": user, "working_dir": "/tmp",
      "args": ["-D", "\(home)/data", "-p", "\(port)", "-k", home, "-c", "fsync=off"],
      "ready": "notify", "stop_signal": "INT",
      "depends_on": [["id": "db-init", "condition": "completed"]],
    ])
    try daemon.add([
      "id": "migrate", "command": "psql", "user": user, "working_dir": "/tmp",
      "args": ["-h", home, "-p", "\(port)", "-c", "create table t (n int)", "postgres"],
      "depends_on": [["id": "db"]],
    ])
    let end = try daemon.waitFor("migrate", status: "stopped")
    let said = try daemon.log("db")
    #expect((end["last_exit"] as? [String: Any])?["code"] as? Int == 0, "\(said)")
    try daemon.waitFor("migrate", line: "STDOUT: CREATE TABLE")
    #expect(try daemon.status("db")["status"] as? String == "running")
    #expect(try daemon.post("/stop/db").status == 200)
  }

  /// A client that connects is never refused, and what it asks is answered.
  @Test(.needs("gunicorn", "wrk")) func aRollingRestartOfTenCopiesFailsNoRequest() throws {
    let daemon = try DaemonUnderTest()
    let port = try Int(unusedPort())
    try Data(
      """
      import os
      def application(environ, start_response):
          start_response("200 OK", [("Content-Type", "text/plain")])
          return [os.environ["EXEIO_INSTANCE"].encode()]
      """.utf8
    ).write(to: daemon.directory.appendingPathComponent("work/hello.py"))
    // gunicorn takes the socket from LISTEN_FDS, and does not tell by itself that it is ready: its
    // own hook does.
    try Data(
      """
      import os, socket
      workers = 1
      def post_worker_init(worker):
          with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
              s.connect(os.environ["NOTIFY_SOCKET"].replace("@", "\\0", 1))
              s.send(b"READY=1")
      """.utf8
    ).write(to: daemon.directory.appendingPathComponent("work/gunicorn.conf.py"))
    try daemon.add([
      "id": "web", "command": "gunicorn", "args": ["-c", "gunicorn.conf.py", "hello:application"],
      "instances": 10, "listen": ["127.0.0.1:\(port)"], "ready": "notify",
    ])
    for copy in 0..<10 { try daemon.waitFor("web.\(copy)", status: "running") }
    let before = try (0..<10).map { try daemon.status("web.\($0)")["pid"] as? Int }
    let load = Foundation.Process()
    let output = Pipe()
    // In short pieces, until there is a file: the signals of what a test starts are blocked.
    let stop = daemon.directory.appendingPathComponent("work/stop")
    load.executableURL = URL(fileURLWithPath: "/bin/sh")
    load.arguments = [
      "-c",
      "until [ -e '\(stop.path)' ]; do wrk -t1 -c8 -d2 --timeout 20 http://127.0.0.1:\(port)/; done",
    ]
    load.standardOutput = output
    load.standardError = output
    try load.run()
    let answer: Answer
    do {
      defer { _ = FileManager.default.createFile(atPath: stop.path, contents: nil) }
      answer = try daemon.post("/restart/web?rolling=true")
    }
    #expect(answer.status == 200, "\(String(decoding: answer.body, as: UTF8.self))")
    let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    let requests = said.matches(of: #/(\d+) requests in/#).compactMap { Int($0.1) }
    #expect(requests.reduce(0, +) > 100, "\(said)")
    #expect(!said.contains("Socket errors"), "\(said)")
    #expect(!said.contains("Non-2xx"), "\(said)")
    let after = try (0..<10).map { try daemon.status("web.\($0)")["pid"] as? Int }
    #expect(zip(before, after).allSatisfy { $0 != $1 && $1 != nil })
  }

  /// The machine's clock is told to be just before a full minute.
  @Test(
    .needs("faketime"), .direct("the clock of nginx is another"), arguments: ["skip", "queue"])
  func aJobThatIsDueWhileItRunsIsNotDoubled(overlap: String) throws {
    let daemon = try DaemonUnderTest(
      environment: ["TZ": "UTC"],
      runner: [try #require(Installed.path(of: "faketime")), "-f", "@2026-03-28 10:59:56"])
    // The program between us hands no signals on.
    defer { shutDown(daemon) }
    try daemon.addShell(
      "job", "echo began; until [ -e go ]; do sleep 0.02; done",
      ["schedule": "* * * * *", "overlap": overlap])
    #expect(try daemon.status("job")["status"] as? String == "waiting")
    #expect(try daemon.post("/start/job").status == 200)
    try daemon.waitFor(
      "job", lineContaining: overlap == "skip" ? "is due and left out" : "is due: it begins when")
    #expect(try daemon.status("job")["run_count"] as? Int == 1)
    try Data().write(to: daemon.directory.appendingPathComponent("work/go"))
    if overlap == "queue" {
      try eventually("the run that was due follows") {
        try daemon.status("job")["run_count"] as? Int == 2
      }
    }
    let entry = try daemon.waitFor("job", status: "waiting")
    #expect(entry["next_run"] as? String == "2026-03-28T11:01:00Z")
    let runs = try daemon.get("/runs/job").object()["runs"] as? [[String: Any]]
    #expect(runs?.count == (overlap == "queue" ? 2 : 1))
  }

  private func shutDown(_ daemon: DaemonUnderTest) {
    do {
      try daemon.post("/shutdown")
    } catch {
      print("could not shut the daemon down: \(error)")
    }
  }

  private func unlinkTree(_ path: String) {
    do {
      try FileManager.default.removeItem(atPath: path)
    } catch {
      print("could not remove \(path): \(error)")
    }
  }
}
