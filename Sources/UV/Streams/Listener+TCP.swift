import CAres
import CLibUV
import CLinux
import Glibc

extension Listener {
  /// Listens on every address of a host.
  ///
  /// An address that this machine does not have (`::1` of `localhost` without IPv6) is passed
  /// over, as long as one is left.
  ///
  /// - Parameters:
  ///   - host: a name or a number; a name is looked up before this returns, for which it waits, 21
  ///     s at the most where no name server answers: it is for the start of the program.
  ///   - port: 0 for a free one, the same for all addresses.
  ///   - backlog: how many connections may wait in the kernel.
  ///   - onConnection: gets each connection; it closes the stream.
  package static func tcp(
    host: String, port: UInt16, backlog: Int32 = 511, on loop: Loop,
    onConnection: @escaping (Stream) -> Void
  ) throws(UVError) -> [Listener] {
    let addresses = try SocketAddress.resolve(host, port: port)
    var attempts = port == 0 ? 16 : 1
    while true {
      attempts -= 1
      do throws(UVError) {
        return try listen(on: addresses, backlog, loop, onConnection)
      } catch {
        // Another program may have the free port of the first address on the second one.
        guard attempts > 0, error.code == .addressInUse else { throw error }
      }
    }
  }

  private static func listen(
    on addresses: [SocketAddress], _ backlog: Int32, _ loop: Loop,
    _ onConnection: @escaping (Stream) -> Void
  ) throws(UVError) -> [Listener] {
    var listeners: [Listener] = []
    var passedOver: UVError?
    for var address in addresses {
      if let port = listeners.first?.port { address.port = port }
      do throws(UVError) {
        listeners.append(
          try listen(
            on: address, sharesPort: addresses.count > 1, backlog, loop, onConnection))
      } catch {
        guard [.addressNotAvailable, .addressFamilyNotSupported].contains(error.code) else {
          for listener in listeners { listener.close() }
          throw error
        }
        passedOver = error
      }
    }
    if listeners.isEmpty, let passedOver { throw passedOver }
    return listeners
  }

  private static func listen(
    on address: SocketAddress, sharesPort: Bool, _ backlog: Int32, _ loop: Loop,
    _ onConnection: @escaping (Stream) -> Void
  ) throws(UVError) -> Listener {
    let subject = address.description
    let descriptor = try UVError.system(.listen, subject) {
      socket(address.family, streamSocket, 0)
    }
    do throws(UVError) {
      try SocketAddress.set(SO_REUSEADDR, at: SOL_SOCKET, of: descriptor, subject)
      // So that 0.0.0.0 and :: can stand side by side; `::` by itself takes IPv4 as well, as Linux
      // has it.
      if address.family == AF_INET6, sharesPort {
        try SocketAddress.set(IPV6_V6ONLY, at: Int32(IPPROTO_IPV6), of: descriptor, subject)
      }
      try UVError.system(.listen, subject) {
        address.withPointer { bind(descriptor, $0, $1) }
      }
      try UVError.system(.listen, subject) { Glibc.listen(descriptor, backlog) }
      return try Listener(descriptor, socketFile: nil, on: loop, onConnection: onConnection)
    } catch {
      Glibc.close(descriptor)
      throw error
    }
  }

  /// A stream socket's type, close-on-exec and non-blocking.
  static var streamSocket: Int32 {
    Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
  }
}
