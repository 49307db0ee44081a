import CAres
import CLibUV
import CLinux
import Glibc

/// The service manager's socket for news of a service (`sd_notify(3)`): datagrams to a Unix socket,
/// sent without waiting.
package final class NotifySocket {
  /// Why there is no way to the socket.
  package enum Failure: Error, Equatable, CustomStringConvertible {
    /// The address is of a form that is not served.
    case form(String)
    /// The system refused.
    case system(UVError)

    package var description: String {
      switch self {
      case .form(let name):
        "NOTIFY_SOCKET '\(name)' is neither an absolute path nor an abstract name (@name) of 1 to 107 bytes"
      case .system(let error):
        "NOTIFY_SOCKET: \(error)"
      }
    }
  }

  /// The socket's address as it was given.
  package let name: String
  private let address: SocketAddress
  private let descriptor: Int32

  /// Opens a socket to send from; whether a process listens shows at the first message.
  ///
  /// - Parameter name: what `NOTIFY_SOCKET` says: `/run/systemd/notify`, `@name`.
  package init(_ name: String) throws(Failure) {
    guard let address = SocketAddress.notify(name) else { throw .form(name) }
    self.name = name
    self.address = address
    do throws(UVError) {
      descriptor = try UVError.system("make a socket for", name) {
        let type = SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
        return socket(AF_UNIX, Int32(type), 0)
      }
    } catch {
      throw .system(error)
    }
  }

  deinit {
    Glibc.close(descriptor)
  }

  /// Sends one message: `NAME=value` lines.
  ///
  /// - Throws: `EAGAIN` where the receiver's queue is full, `ECONNREFUSED` or `ENOENT` if no
  ///   process listens any more.
  package func send(_ message: String) throws(UVError) {
    let bytes = Array(message.utf8)
    try UVError.system("tell", name) {
      bytes.withUnsafeBytes { bytes in
        address.withPointer { address, size in
          sendto(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL), address, size)
        }
      }
    }
  }
}

extension SocketAddress {
  /// The address that `NOTIFY_SOCKET` names; nil for a form that is not served.
  static func notify(_ name: String) -> SocketAddress? {
    guard name.utf8.count > 1 else { return nil }
    if name.hasPrefix("@") { return abstract(name.dropFirst()) }
    guard name.hasPrefix("/") else { return nil }
    // The only complaints are the length and a NUL, which the caller puts in words.
    return try? unix(name)
  }

  /// A name that lives in the kernel and not in the file system (`unix(7)`): a NUL in front, and
  /// exactly as long as it is.
  private static func abstract(_ name: Substring) -> SocketAddress? {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = [0] + Array(name.utf8)
    let fits = withUnsafeMutableBytes(of: &address.sun_path) { target in
      guard bytes.count <= target.count else { return false }
      target.copyBytes(from: bytes)
      return true
    }
    guard fits, let start = MemoryLayout<sockaddr_un>.offset(of: \.sun_path) else { return nil }
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        SocketAddress($0, size: socklen_t(start + bytes.count))
      }
    }
  }
}
