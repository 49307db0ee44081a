import Glibc
import Synchronization

/// The files that tell how names are looked up. They may be on a disk that hangs, so that they are
/// read on the pool.
struct NameFiles: Sendable {
  /// resolv.conf(5).
  var resolvConf = "/etc/resolv.conf"
  /// nsswitch.conf(5).
  var nsswitch = "/etc/nsswitch.conf"
  /// hosts(5).
  var hosts = "/etc/hosts"

  /// What was read.
  struct Contents: Sendable {
    let configuration: NameConfiguration
    let hosts: HostsFile
  }

  /// Reads them; waits for the disk.
  func read(after earlier: Contents?) -> Contents {
    Contents(
      configuration: NameConfiguration(
        resolvConf: Self.text(resolvConf), nsswitch: Self.text(nsswitch), hostName: Self.hostName,
        localDomain: Self.variable("LOCALDOMAIN"), options: Self.variable("RES_OPTIONS")),
      hosts: HostsFile.read(hosts, unlessStill: earlier?.hosts))
  }

  /// As for the C library, a file that cannot be read says nothing.
  private static func text(_ path: String) -> String {
    // The doc comment says what becomes of errors.
    guard let (_, bytes) = try? Files.readRegular(path, limit: 1 << 20) else { return "" }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static var hostName: String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
      buffer.initialize(repeating: 0)
      guard let start = buffer.baseAddress, gethostname(start, buffer.count - 1) == 0 else {
        return ""
      }
      return String(cString: start)
    }
  }

  private static func variable(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
  }
}
