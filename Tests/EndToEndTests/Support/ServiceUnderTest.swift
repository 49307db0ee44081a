import Foundation
import Glibc
import TestSupport

/// The real binary, started as a service manager starts it: with descriptors of its own choice, and
/// told about them.
final class ServiceUnderTest {
  let directory: URL
  let pid: Int32
  private var exitCode: Int32?

  /// Starts a daemon.
  /// - Parameters:
  ///   - arguments: beside the directories and the key, which are given to it.
  ///   - sockets: handed over from descriptor 3 on, with `LISTEN_PID` and `LISTEN_FDS`.
  ///   - output, errors: its standard output and error; `/dev/null` where nil.
  init(
    _ arguments: [String] = ["--port", "0"], in directory: URL, environment: [String: String] = [:],
    sockets: [Int32] = [], output: Int32? = nil, errors: Int32? = nil
  ) throws {
    self.directory = directory
    // The shell is replaced by the daemon, which therefore has its pid.
    let script = sockets.isEmpty ? #"exec "$@""# : #"export LISTEN_PID=$$; exec "$@""#
    let command =
      [
        "/bin/sh", "-c", script, "sh", DaemonUnderTest.binary.path,
        "--config-dir", directory.appendingPathComponent("config").path,
        "--data-dir", directory.appendingPathComponent("data").path, "--api-key", "test-key",
      ] + arguments
    var variables = TestEnvironment.inherited.merging(environment) { $1 }
    if !sockets.isEmpty { variables["LISTEN_FDS"] = "\(sockets.count)" }
    let null = open("/dev/null", O_RDWR | O_CLOEXEC)
    defer { close(null) }
    pid = try Self.spawn(
      command, variables, [null, output ?? null, errors ?? null] + sockets)
  }

  deinit {
    guard exitCode == nil else { return }
    kill(pid, SIGTERM)
    _ = waitForExit()
  }

  /// Waits for the end. Returns the exit code, or minus the signal.
  func waitForExit() -> Int32 {
    if let exitCode { return exitCode }
    var status: Int32 = 0
    while waitpid(pid, &status, 0) == -1, errno == EINTR {}
    let code = status & 0x7f == 0 ? (status >> 8) & 0xff : -(status & 0x7f)
    exitCode = code
    return code
  }

  /// Starts a command that has these descriptors from 0 on, and no others.
  private static func spawn(
    _ command: [String], _ environment: [String: String], _ descriptors: [Int32]
  ) throws -> Int32 {
    // Out of the way first, so that none is overwritten before it has been copied.
    let copies = descriptors.map { fcntl($0, F_DUPFD_CLOEXEC, 200) }
    defer { for copy in copies { close(copy) } }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for (number, copy) in copies.enumerated() {
      posix_spawn_file_actions_adddup2(&actions, copy, Int32(number))
    }
    // What other tests have open; closing what is not is no error there.
    for other in copies.count..<1000 { posix_spawn_file_actions_addclose(&actions, Int32(other)) }
    let arguments = command.map { strdup($0) } + [nil]
    let variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for string in arguments + variables { free(string) } }
    var pid: Int32 = 0
    let result = posix_spawn(&pid, command[0], &actions, nil, arguments, variables)
    guard result == 0 else {
      throw NeverHappened(description: "posix_spawn: \(String(cString: strerror(result)))")
    }
    return pid
  }

  /// Sends a request over a connection of its own.
  static func request(
    _ method: String, _ path: String, _ body: String = "", over socket: TestSocket
  ) throws -> Answer {
    try socket.send(
      "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\nexeio-api-key: test-key\r\n"
        + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
    return try socket.receiveAnswer()
  }
}

/// A socket that a test binds and hands over.
final class ListeningSocket {
  let descriptor: Int32
  /// Of a TCP socket.
  private(set) var port: UInt16 = 0

  /// Listens on a free port of 127.0.0.1.
  init() throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let status = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, size) | listen(descriptor, 16) | getsockname(descriptor, $0, &size)
      }
    }
    guard status == 0 else { throw NeverHappened(description: "no port to listen on") }
    port = UInt16(bigEndian: address.sin_port)
  }

  /// Listens on a Unix socket.
  init(path: String) throws {
    descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix(107)) }
    let status = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) | listen(descriptor, 16)
      }
    }
    guard status == 0 else { throw NeverHappened(description: "cannot listen on \(path)") }
  }

  deinit {
    close(descriptor)
  }
}
