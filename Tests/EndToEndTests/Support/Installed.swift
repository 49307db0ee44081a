import Foundation
import TestSupport
import Testing

/// Programs of this machine that some tests run as processes.
enum Installed {
  /// Where a program is, behind the link to it that `Tests/run.sh` makes; nil where there is none.
  static func path(of program: String) -> String? {
    let found = TestPrograms.searchPath.split(separator: ":").map { "\($0)/\(program)" }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
    guard let found else { return nil }
    // Not a link itself where the tests are run without `Tests/run.sh`.
    return (try? FileManager.default.destinationOfSymbolicLink(atPath: found)).flatMap {
      $0.hasPrefix("/") ? $0 : nil
    } ?? found
  }

  /// What this run has been promised: the purposes of `packaging/setup.sh`.
  static var purposes: [Substring] {
    (ProcessInfo.processInfo.environment["EXEIO_TEST_PROGRAMS"] ?? "").split(separator: " ")
  }
}

extension Trait where Self == ConditionTrait {
  /// A test of programs that not everybody has: `make test-programs` installs them, and leaves no such test out.
  static func needs(_ programs: String...) -> ConditionTrait {
    .enabled("needs \(programs.joined(separator: ", ")): make test-programs") {
      Installed.purposes.contains("programs")
        || programs.allSatisfy { Installed.path(of: $0) != nil }
    }
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
