import Glibc
import UV

/// A service manager of paper: the datagram socket that a service sends its news to.
package final class NotifyReceiver {
  /// What `NOTIFY_SOCKET` is to say.
  package let name: String
  private let descriptor: Int32

  /// What was waited for did not come.
  package struct NeverCame: Error, CustomStringConvertible {
    package let description: String
  }

  /// Binds a socket.
  ///
  /// - Parameter name: a path, or an abstract name: `@name`.
  package init(_ name: String) throws {
    self.name = name
    descriptor = socket(
      AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = name.hasPrefix("@") ? [0] + Array(name.utf8.dropFirst()) : Array(name.utf8)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    let size = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count)
    let status = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, size) }
    }
    guard status == 0 else {
      throw UVError(code: -errno, operation: "bind", subject: name)
    }
  }

  deinit {
    Glibc.close(descriptor)
    if name.hasPrefix("/") { unlink(name) }
  }

  /// The next message; waits for it.
  ///
  /// - Parameter limit: there for a broken program only, in milliseconds.
  package func receive(within limit: Int32 = 60_000) throws -> String {
    var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    var ready = poll(&entry, 1, limit)
    // Another test's child may have ended meanwhile, which libuv has a handler for.
    while ready < 0, errno == EINTR { ready = poll(&entry, 1, limit) }
    guard ready == 1 else { throw NeverCame(description: "no message came") }
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = recv(descriptor, &buffer, buffer.count, 0)
    guard count >= 0 else { throw UVError(code: -errno, operation: "receive", subject: name) }
    return String(decoding: buffer[..<count], as: UTF8.self)
  }

  /// The first message from now on that has a line which begins like this; the ones before it are
  /// passed over.
  package func receive(_ line: String) throws -> [String] {
    var seen: [String] = []
    while true {
      do {
        let lines = try receive().split(separator: "\n").map(String.init)
        if lines.contains(where: { $0.hasPrefix(line) }) { return lines }
        seen += lines
      } catch {
        throw NeverCame(description: "no \(line): \(error); seen: \(seen)")
      }
    }
  }

  /// Whether nothing waits to be received.
  package var isEmpty: Bool {
    var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&entry, 1, 0) == 0
  }
}
