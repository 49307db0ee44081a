import Foundation
import Testing

/// Programs of this machine that some tests run as processes.
enum Installed {
  /// Where a program is; nil where it is not installed.
  static func path(of program: String) -> String? {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    return (path.split(separator: ":").map(String.init) + ["/usr/sbin"] + serverDirectories)
      .map { "\($0)/\(program)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  /// Debian keeps the servers of PostgreSQL out of the way, a directory a version.
  private static var serverDirectories: [String] {
    let parent = "/usr/lib/postgresql"
    // Nil where there is none of them.
    let versions = try? FileManager.default.contentsOfDirectory(atPath: parent)
    return (versions ?? []).map { "\(parent)/\($0)/bin" }
  }
}

extension Trait where Self == ConditionTrait {
  /// A test of programs that not everybody has: `make test-programs` installs them.
  static func needs(_ programs: String...) -> ConditionTrait {
    .enabled(
      if: programs.allSatisfy { Installed.path(of: $0) != nil },
      "needs \(programs.joined(separator: ", ")): make test-programs")
  }
}

/// A TCP port of 127.0.0.1 that nobody listened on a moment ago, for programs that cannot be handed a socket.
func freePort() throws -> Int {
  let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
  defer { close(descriptor) }
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
  var size = socklen_t(MemoryLayout<sockaddr_in>.size)
  let status = withUnsafeMutablePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      bind(descriptor, $0, size) == 0 ? getsockname(descriptor, $0, &size) : -1
    }
  }
  guard status == 0 else {
    throw NeverHappened(description: "no free port: \(String(cString: strerror(errno)))")
  }
  return Int(UInt16(bigEndian: address.sin_port))
}
