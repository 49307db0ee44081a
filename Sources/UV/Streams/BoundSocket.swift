import CLibUV
import CLinux
import Glibc

/// A socket that listens here and is handed over to children, who accept on it: as long as it is open, nobody
/// who connects is refused. It blocks, as those of systemd do.
package final class BoundSocket {
  /// What was asked for: `127.0.0.1:8000`, `[::1]:8000`, `/run/web.sock`.
  package let address: String
  let descriptor: Int32
  private let file: SocketFile?
  private var isClosed = false

  /// Who may connect to a Unix socket, beside its owner: its group.
  private static let mode: mode_t = 0o660

  /// Binds a socket and has it listen (`bind(2)`, `listen(2)`).
  ///
  /// - Parameters:
  ///   - address: a number and a port, or the absolute path of a Unix socket.
  ///   - leavesIPv4: whether an IPv6 address takes no IPv4 connections: somebody else has that port there.
  ///   - owner: whose the file of a Unix socket is; this process's own where nil.
  /// - Throws: operation `listen on`, or what else the system refused: `EINVAL` for what is no such address.
  package init(
    _ address: String, leavesIPv4: Bool = false, owner: Identity = Identity()
  ) throws(UVError) {
    self.address = address
    if address.hasPrefix("/") {
      (descriptor, file) = try Self.bindFile(address, owner)
    } else {
      guard let numeric = SocketAddress(numeric: address) else {
        throw UVError(code: -EINVAL, operation: "listen on", subject: address)
      }
      descriptor = try Self.bind(numeric, leavesIPv4: leavesIPv4)
      file = nil
    }
  }

  private static func bindFile(
    _ path: String, _ owner: Identity
  ) throws(UVError) -> (Int32, SocketFile) {
    let address = try SocketAddress.unix(path)
    let descriptor = try makeSocket(AF_UNIX, path)
    var file: SocketFile?
    do throws(UVError) {
      try address.bindFile(path, descriptor)
      let made = SocketFile(path)
      file = made
      // Nobody can connect before listen(2), so owner and mode are right from the first moment.
      try give(path, to: owner)
      try UVError.system("listen on", path) { listen(descriptor, SOMAXCONN) }
      return (descriptor, made)
    } catch {
      Glibc.close(descriptor)
      file?.remove()
      throw error
    }
  }

  /// Sets owner and mode of a socket file. Whoever owns the directory may have put something else in its place,
  /// a link for instance: it is the file itself that is looked at and changed, never what a name leads to.
  private static func give(_ path: String, to owner: Identity) throws(UVError) {
    let file = try UVError.system("open", path) { open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC) }
    defer { Glibc.close(file) }
    var status = stat()
    try UVError.system("look at", path) { fstat(file, &status) }
    guard FileStatus(status).isSocket, status.st_nlink == 1, status.st_uid == geteuid() else {
      throw UVError(code: -EPERM, operation: "set the owner of", subject: path)
    }
    if owner.user != nil || owner.group != nil {
      try UVError.system("set the owner of", path) {
        fchownat(file, "", owner.user ?? uid_t.max, owner.group ?? gid_t.max, AT_EMPTY_PATH)
      }
    }
    // Such a descriptor takes no fchmod(2); its name in /proc leads to the very file.
    try UVError.system("set the permissions of", path) { chmod("/proc/self/fd/\(file)", mode) }
  }

  private static func bind(
    _ address: SocketAddress, leavesIPv4: Bool
  ) throws(UVError) -> Int32 {
    let subject = address.description
    let descriptor = try makeSocket(address.family, subject)
    do throws(UVError) {
      try SocketAddress.set(SO_REUSEADDR, at: SOL_SOCKET, of: descriptor, subject)
      if address.family == AF_INET6, leavesIPv4 {
        try SocketAddress.set(IPV6_V6ONLY, at: Int32(IPPROTO_IPV6), of: descriptor, subject)
      }
      try UVError.system("listen on", subject) {
        address.withPointer { Glibc.bind(descriptor, $0, $1) }
      }
      try UVError.system("listen on", subject) { listen(descriptor, SOMAXCONN) }
      return descriptor
    } catch {
      Glibc.close(descriptor)
      throw error
    }
  }

  private static func makeSocket(_ family: Int32, _ subject: String) throws(UVError) -> Int32 {
    try UVError.system("listen on", subject) {
      socket(family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    }
  }

  /// Listens no longer here, and removes the file of a Unix socket if it is still the same. Whoever has been
  /// handed the socket has it still.
  package func close() {
    guard !isClosed else { return }
    isClosed = true
    Glibc.close(descriptor)
    file?.remove()
  }

  deinit {
    assert(isClosed, "the socket \(address) was never closed")
  }
}

extension BoundSocket: Equatable {
  /// Whether they are one.
  package static func == (left: BoundSocket, right: BoundSocket) -> Bool { left === right }
}

extension SocketAddress {
  /// Reads `127.0.0.1:8000` or `[::1]:8000` (`uv_ip4_addr`, `uv_ip6_addr`); nil for anything else.
  init?(numeric text: String) {
    guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...])
    else { return nil }
    let host = text[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") {
      var address = sockaddr_in6()
      guard uv_ip6_addr(String(host.dropFirst().dropLast()), Int32(port), &address) == 0 else {
        return nil
      }
      self = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          SocketAddress($0, size: socklen_t(MemoryLayout<sockaddr_in6>.size))
        }
      }
    } else {
      var address = sockaddr_in()
      guard uv_ip4_addr(String(host), Int32(port), &address) == 0 else { return nil }
      self = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          SocketAddress($0, size: socklen_t(MemoryLayout<sockaddr_in>.size))
        }
      }
    }
  }
}
