import Foundation
import Glibc
import TestSupport
import Testing

/// A name server that never answers, which the daemon has as its only one.
private final class SilentNameServer {
  /// The words in front of the daemon, which give it a resolv.conf of its own.
  let runner: [String]
  private let descriptor: Int32
  private let file: URL

  /// One can only be made by root, in a mount namespace.
  static let isPossible: Bool = {
    // Without one, the suite is left out.
    guard let server = try? SilentNameServer() else { return false }
    let process = Foundation.Process()
    process.executableURL = URL(fileURLWithPath: server.runner[0])
    process.arguments = server.runner.dropFirst() + ["/bin/true"]
    process.standardError = FileHandle.nullDevice
    do {
      try process.run()
    } catch {
      return false
    }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }()

  init() throws {
    let host: UInt32 = 0x7F00_0000 | .random(in: 0x01_0000...0xFE_FFFF)
    let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    self.descriptor = descriptor
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(53).bigEndian
    address.sin_addr.s_addr = host.bigEndian
    let status = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    let file = URL(fileURLWithPath: NSTemporaryDirectory())
      .appendingPathComponent("exeio-test-\(UUID().uuidString)")
    self.file = file
    runner = [
      "/usr/bin/unshare", "--mount", "/bin/sh", "-c",
      "mount --bind \(file.path) /etc/resolv.conf && exec \"$@\"", "sh",
    ]
    guard status == 0 else { throw NeverHappened(description: "port 53 may not be used") }
    let numbers = [24, 16, 8, 0].map { String(host >> $0 & 255) }.joined(separator: ".")
    // The C library would wait for it for minutes.
    try Data("nameserver \(numbers)\noptions timeout:30 attempts:5\n".utf8).write(to: file)
  }

  deinit {
    close(descriptor)
    unlink(file.path)
  }
}

@Suite(.enabled(if: SilentNameServer.isPossible, "no name server can be made for a daemon here"))
struct NameTests {
  @Test func namesWhoseServerIsSilentHoldUpNoOtherCheckAndNoShutdown() throws {
    let server = try SilentNameServer()
    let daemon = try DaemonUnderTest(runner: server.runner)
    // It is silent until the end.
    defer { withExtendedLifetime(server) {} }
    let good: [String: [String: Any]] = [
      "http-number": ["http": "http://127.0.0.1:\(daemon.port)/info"],
      "tcp-number": ["tcp": "127.0.0.1:\(daemon.port)"],
      "http-name": ["http": "http://localhost:\(daemon.port)/info"],
    ]
    for (id, check) in good {
      let times: [String: Any] = ["interval_seconds": 0.2, "timeout_seconds": 5, "retries": 1]
      try daemon.addShell(
        id, "exec sleep 1000", ["health_check": check.merging(times) { $1 }])
    }
    for id in good.keys { try daemon.waitFor(id, lineContaining: "is healthy") }
    let dead = (0..<10).map { "dead\($0)" }
    for id in dead {
      let check: [String: Any] = [
        "http": "http://\(id).internal.test/", "interval_seconds": 0.1, "timeout_seconds": 3,
        "retries": 3, "on_failure": "report",
      ]
      try daemon.addShell(id, "exec sleep 1000", ["health_check": check])
    }
    for id in dead {
      let line = try daemon.waitFor(id, lineContaining: "is unhealthy")
      #expect(
        line.hasSuffix(": timed out after 3s, while '\(id).internal.test' was looked up"), "\(line)"
      )
    }
    for id in good.keys {
      let entry = try daemon.get("/status/\(id)").object()
      #expect(entry["run_count"] as? Int == 1)
      #expect((entry["health"] as? [String: Any])?["status"] as? String == "healthy", "\(entry)")
      let log = try daemon.get("/logs/\(id)?q=unhealthy").object()
      #expect(log["total_lines"] as? Int == 0, "\(log)")
    }
    // Questions are open now, and always.
    let start = Date()
    daemon.signal(SIGTERM)
    let code = daemon.waitForExit()
    #expect(code == 0, "\(daemon.errorOutput())")
    #expect(-start.timeIntervalSinceNow < 20, "the daemon waited for the name server")
  }
}
