import Glibc
import Synchronization
package import UV

/// A TCP port of 127.0.0.1 for a program that cannot be handed a socket.
///
/// It is none of those that the kernel gives to sockets that ask for any port, so that no other
/// test gets it meanwhile, and each caller in this process gets another one. It was never listened
/// on: a child that is being forked and holds a copy of the descriptor for a moment does not keep
/// others from listening (`SO_REUSEADDR`).
package func unusedPort() throws(UVError) -> UInt16 {
  while true {
    let number = nextPort.wrappingAdd(1, ordering: .relaxed).oldValue
    let port = ports.lowerBound + UInt16(number % UInt32(ports.count))
    do throws(UVError) {
      Glibc.close(try boundSocket(port).descriptor)
      return port
    } catch {
      guard error.code == .addressInUse else { throw error }
    }
  }
}

private let ports: Range<UInt16> = 12_000..<32_000
private let nextPort = Atomic<UInt32>(UInt32.random(in: 0..<20_000))

/// A TCP port of 127.0.0.1 that refuses each connection for as long as this is held: a socket is
/// bound there and does not listen. A port whose listener was closed may still answer for a moment,
/// by the copy of a child that is being forked, or get another listener.
package final class ClosedPort {
  /// Its number.
  package let port: UInt16
  private let descriptor: Int32

  /// Takes one.
  package init() throws(UVError) { (descriptor, port) = try boundSocket(0) }

  deinit {
    Glibc.close(descriptor)
  }
}

private func boundSocket(_ port: UInt16) throws(UVError) -> (descriptor: Int32, port: UInt16) {
  let descriptor = socket(
    AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
  guard descriptor >= 0 else { throw UVError(code: -errno, operation: "make a socket") }
  var yes: Int32 = 1
  setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = port.bigEndian
  address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
  var size = socklen_t(MemoryLayout<sockaddr_in>.size)
  let status = withUnsafeMutablePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      bind(descriptor, $0, size) == 0 ? getsockname(descriptor, $0, &size) : -1
    }
  }
  guard status == 0 else {
    let code = -errno
    Glibc.close(descriptor)
    throw UVError(code: code, operation: "bind", subject: "127.0.0.1:\(port)")
  }
  return (descriptor, UInt16(bigEndian: address.sin_port))
}
