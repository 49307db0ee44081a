import Basics
import CAres
import CLibUV
import CLinux
import Glibc

/// Where a socket is bound, or who is at its other end (`sockaddr_storage`).
struct SocketAddress: CustomStringConvertible {
  private var storage = sockaddr_storage()
  private var size = socklen_t(MemoryLayout<sockaddr_storage>.size)

  /// The kind of address: `AF_INET`, `AF_INET6`, `AF_UNIX`.
  var family: Int32 { Int32(storage.ss_family) }

  /// Copies an address.
  init(_ pointer: UnsafePointer<sockaddr>, size: socklen_t) {
    withUnsafeMutableBytes(of: &storage) { bytes in
      bytes.copyMemory(from: UnsafeRawBufferPointer(start: pointer, count: Int(size)))
    }
    self.size = size
  }

  /// An address that the kernel has filled in.
  init(_ storage: sockaddr_storage) {
    self.storage = storage
  }

  /// The address that a socket is bound to (`getsockname`).
  init(boundBy descriptor: Int32) throws(UVError) {
    var (storage, size) = (sockaddr_storage(), socklen_t(MemoryLayout<sockaddr_storage>.size))
    try UVError.system("look at a socket") {
      withUnsafeMutablePointer(to: &storage) { storage in
        storage.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          getsockname(descriptor, $0, &size)
        }
      }
    }
    (self.storage, self.size) = (storage, size)
  }

  /// A Unix socket's address.
  ///
  /// - Throws: `ENAMETOOLONG` for a path of over 107 bytes, `EINVAL` for an empty one.
  static func unix(_ path: String) throws(UVError) -> SocketAddress {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = path.systemBytes
    let fits = withUnsafeMutableBytes(of: &address.sun_path) { target in
      guard bytes.count < target.count else { return false }
      target.copyBytes(from: bytes)
      return true
    }
    guard fits else { throw UVError(code: -ENAMETOOLONG, operation: .open, subject: path) }
    guard !bytes.isEmpty, !bytes.contains(0) else {
      throw UVError(code: -EINVAL, operation: .open, subject: path)
    }
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        SocketAddress($0, size: socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
  }

  /// Hands the address to a C function.
  func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    withUnsafePointer(to: storage) { storage in
      storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, size) }
    }
  }

  /// The host as a number: `127.0.0.1`, `::1`; an IPv4 address that came over IPv6 in its own
  /// form. `unix` for a Unix socket.
  var host: String {
    guard family == AF_INET || family == AF_INET6 else { return "unix" }
    let name = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
      buffer.initialize(repeating: 0)
      guard let start = buffer.baseAddress else { return "" }
      _ = withPointer { address, _ in uv_ip_name(address, start, buffer.count) }
      return String(cString: start)
    }
    let mapped = "::ffff:"
    return name.hasPrefix(mapped) && name.contains(".")
      ? String(name.dropFirst(mapped.count)) : name
  }

  /// The port, of an address that has one.
  var port: UInt16? {
    get {
      withUnsafeBytes(of: storage) { bytes in
        switch family {
        case AF_INET: bytes.load(as: sockaddr_in.self).sin_port.bigEndian
        case AF_INET6: bytes.load(as: sockaddr_in6.self).sin6_port.bigEndian
        default: nil
        }
      }
    }
    set {
      let port = in_port_t(bigEndian: newValue ?? 0)
      withUnsafeMutableBytes(of: &storage) { bytes in
        // The port stands at the same place in both.
        bytes.storeBytes(of: port, toByteOffset: 2, as: in_port_t.self)
      }
    }
  }

  /// The path of a Unix socket; an abstract name begins with `@`. Nil for one that has neither.
  var path: String? {
    guard family == AF_UNIX, let start = MemoryLayout<sockaddr_un>.offset(of: \.sun_path) else {
      return nil
    }
    let bytes = withUnsafeBytes(of: storage) { Array($0[start..<max(start, Int(size))]) }
    guard let first = bytes.first else { return nil }
    if first == 0 { return "@" + String(system: Array(bytes.dropFirst())) }
    return String(system: Array(bytes.prefix { $0 != 0 }))
  }

  /// `127.0.0.1:8080`, `[::1]:8080`, `unix:/path`.
  var description: String {
    guard let port else { return path.map { "unix:\($0)" } ?? host }
    return HostPort.text(host: host, port: port)
  }
}
