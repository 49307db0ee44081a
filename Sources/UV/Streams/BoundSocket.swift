import CAres
import CLibUV
import CLinux
import Glibc

/// A socket that listens here and is handed over to children, who accept on it: as long as it is
/// open, no client that connects is refused. It blocks, as those of systemd do.
package final class BoundSocket {
  /// What was asked for: `127.0.0.1:8000`, `[::1]:8000`, `/run/web.sock`.
  package let address: String
  let descriptor: Int32
  private let leavesIPv4: Bool
  private let owner: Identity
  private let file: SocketFile?
  private var isClosed = false

  /// Binds a socket and has it listen (`bind(2)`, `listen(2)`).
  ///
  /// - Parameters:
  ///   - address: a number and a port, or the absolute path of a Unix socket.
  ///   - leavesIPv4: whether an IPv6 address takes no IPv4 connections: another socket has that
  ///     port there.
  ///   - owner: whose the file of a Unix socket is; this process's own where nil.
  /// - Throws: operation `listen on`, or what else the system refused: `EINVAL` for what is no such
  ///   address.
  package convenience init(
    _ address: String, leavesIPv4: Bool = false, owner: Identity = Identity()
  ) throws(UVError) {
    let bound: (Int32, SocketFile?)
    if address.hasPrefix("/") {
      bound = try Self.bindFile(address, owner)
    } else {
      guard let numeric = SocketAddress(numeric: address) else {
        throw UVError(code: -EINVAL, operation: .listen, subject: address)
      }
      bound = (try Self.bind(numeric, leavesIPv4: leavesIPv4), nil)
    }
    self.init(address, leavesIPv4, owner, bound: bound)
  }

  /// Does the same, and what touches the file system on the pool.
  ///
  /// - Parameter then: called once: from the loop for a Unix socket, within this call for any
  ///   other.
  package static func bind(
    _ address: String, leavesIPv4: Bool, owner: Identity, on loop: Loop,
    then: @escaping (Result<BoundSocket, UVError>) -> Void
  ) {
    guard address.hasPrefix("/") else {
      return then(
        Result { () throws(UVError) in
          try BoundSocket(address, leavesIPv4: leavesIPv4, owner: owner)
        })
    }
    PoolWork.run(on: loop, .start(place: Files.parent(of: address))) {
      Result { () throws(UVError) in try bindFile(address, owner) }
    } then: { result in
      then(result.map { BoundSocket(address, leavesIPv4, owner, bound: $0) })
    }
  }

  private init(
    _ address: String, _ leavesIPv4: Bool, _ owner: Identity,
    bound: (descriptor: Int32, file: SocketFile?)
  ) {
    self.address = address
    self.leavesIPv4 = leavesIPv4
    self.owner = owner
    (descriptor, file) = bound
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
      try UVError.system(.listen, subject) {
        address.withPointer { Glibc.bind(descriptor, $0, $1) }
      }
      try UVError.system(.listen, subject) { listen(descriptor, SOMAXCONN) }
      return descriptor
    } catch {
      Glibc.close(descriptor)
      throw error
    }
  }

  static func makeSocket(_ family: Int32, _ subject: String) throws(UVError) -> Int32 {
    try UVError.system(.listen, subject) {
      socket(family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    }
  }

  /// Whether it is what one that is bound now would be, too: its file has that owner, if it has a
  /// file, and it takes the same connections.
  package func serves(leavesIPv4: Bool, owner: Identity) -> Bool {
    let isOwned = self.owner.user == owner.user && self.owner.group == owner.group
    return self.leavesIPv4 == leavesIPv4 && (file == nil || isOwned)
  }

  /// Listens no longer here, and removes the file of a Unix socket if it is still the same. A child
  /// that has been handed the socket has it still.
  package func close() {
    guard !isClosed else { return }
    isClosed = true
    Glibc.close(descriptor)
    file?.remove()
  }

  /// Does the same, and removes the file on the pool.
  ///
  /// - Parameter then: called once when it is gone: from the loop, or within this call where there
  ///   is no file.
  package func close(on loop: Loop, then: @escaping () -> Void) {
    guard !isClosed else { return then() }
    isClosed = true
    Glibc.close(descriptor)
    guard let file else { return then() }
    file.remove(on: loop, then: then)
  }

  deinit {
    assert(isClosed, "the socket \(address) was never closed")
  }
}

extension BoundSocket: Equatable {
  /// Whether they are one.
  package static func == (left: BoundSocket, right: BoundSocket) -> Bool { left === right }
}
