import Foundation
import Glibc
import TestSupport

/// An nginx with the shipped configuration, in front of one daemon, and a tunnel to it that does
/// the TLS for the tests' plain sockets and checks the certificate.
final class NginxUnderTest {
  static let name = "supervisor.example.org"
  static let port = 8443

  /// Short, because the paths of Unix sockets have to be.
  let directory: URL
  /// An address of this machine that no other program listens on.
  let address: String
  private var nginx = Foundation.Process()
  private var tunnel = Foundation.Process()

  private var daemonSocket: String { directory.appendingPathComponent("exeio.sock").path }
  /// What the daemon behind it has to be told; a test's own options win.
  var daemonEnvironment: [String: String] {
    ["EXEIO_SOCKET": daemonSocket, "EXEIO_TRUSTED_PROXY": "unix"]
  }
  private var tunnelSocket: String { directory.appendingPathComponent("tls.sock").path }

  init() throws {
    directory = URL(fileURLWithPath: "/tmp/exeio-nginx-\(UInt32.random(in: 0...UInt32.max))")
    let bytes = (0..<3).map { _ in UInt8.random(in: 1...254) }
    address = "127.\(bytes[0]).\(bytes[1]).\(bytes[2])"
    // Some tests run the daemon as another user.
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    guard chmod(directory.path, 0o1777) == 0 else {
      throw NeverHappened(
        description: "chmod \(directory.path): \(String(cString: strerror(errno)))")
    }
    try write(try configuration(), to: "exeio.conf")
    try write(execContext, to: "nginx.conf")
    nginx = try start(
      "nginx",
      ["-p", directory.path, "-c", "nginx.conf", "-e", "error.log", "-g", "daemon off;"])
    let pidFile = directory.appendingPathComponent("nginx.pid").path
    try eventually("nginx listens") {
      guard nginx.isRunning else { throw NeverHappened(description: "nginx ended: \(errors())") }
      return FileManager.default.fileExists(atPath: pidFile)
    }
    let certificate = try TestCertificate.shared.get().certificate.path
    tunnel = try start(
      "socat",
      [
        "UNIX-LISTEN:\(tunnelSocket),fork,backlog=128",
        "OPENSSL:\(address):\(Self.port),cafile=\(certificate),commonname=\(Self.name)",
      ])
    try eventually("the tunnel listens") {
      guard tunnel.isRunning else { throw NeverHappened(description: "socat ended") }
      return tunnelAnswers()
    }
  }

  deinit {
    // The threads of the tests have their signals blocked, and so have these two from the start:
    // SIGTERM would wait.
    for process in [tunnel, nginx] where process.isRunning {
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
    do {
      try FileManager.default.removeItem(at: directory)
    } catch {
      print("could not remove \(directory.path): \(error)")
    }
  }

  /// A connection to nginx.
  func connect() throws -> TestSocket { try TestSocket(path: tunnelSocket) }

  /// What nginx had to complain about.
  func errors() -> String {
    do {
      return try String(
        contentsOf: directory.appendingPathComponent("error.log"), encoding: .utf8)
    } catch {
      return "no error.log: \(error)"
    }
  }

  /// Asks nginx with curl.
  /// - Parameter arguments: beside the address, the certificate and the limit of time.
  func curl(_ arguments: [String], path: String) throws -> String {
    let certificate = try TestCertificate.shared.get().certificate.path
    return try ShortRun.output(
      of: "/usr/bin/env",
      [
        "curl", "--silent", "--show-error", "--max-time", "60", "--cacert", certificate,
        "--resolve", "\(Self.name):\(Self.port):\(address)",
      ] + arguments + ["https://\(Self.name):\(Self.port)\(path)"])
  }

  private func tunnelAnswers() -> Bool {
    // It is being started: that it does not listen yet is no news.
    (try? connect()) != nil
  }

  private func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: directory.appendingPathComponent(name))
  }

  private func start(_ program: String, _ arguments: [String]) throws -> Foundation.Process {
    let process = Foundation.Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    // Where Debian has nginx.
    process.environment = ["PATH": "\(TestPrograms.searchPath):/usr/sbin"]
    process.arguments = [program] + arguments
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    return process
  }

  /// What Debian's own `nginx.conf` has around the file, for a process of any user.
  private var execContext: String {
    let folders = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
      .map { "\($0)_temp_path \($0);" }.joined(separator: "\n  ")
    return """
      pid nginx.pid;
      master_process off;
      events { worker_connections 1024; }
      http {
        access_log off;
        \(folders)
        include exeio.conf;
      }
      """
  }

  /// The shipped file, with this test's places in it. Everything else is tested as it is.
  private func configuration() throws -> String {
    let project = URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    var text = try String(
      contentsOf: project.appendingPathComponent("packaging/nginx/exeio.conf"), encoding: .utf8)
    let pair = try TestCertificate.shared.get()
    for (shipped, own) in [
      ("unix:/run/exeio/exeio.sock", "unix:\(daemonSocket)"),
      ("listen 443 ", "listen \(address):\(Self.port) "),
      ("    listen [::]:443 ssl http2;\n", ""),
      ("/etc/ssl/certs/supervisor.pem", pair.certificate.path),
      ("/etc/ssl/private/supervisor.key", pair.key.path),
      // The tests ask as fast as they can.
      ("rate=20r/s", "rate=100000r/s"),
    ] {
      guard text.contains(shipped) else {
        throw NeverHappened(description: "packaging/nginx/exeio.conf has no '\(shipped)'")
      }
      text = text.replacingOccurrences(of: shipped, with: own)
    }
    return text
  }
}
