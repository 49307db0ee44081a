import CAres
import CLibUV
import CLinux
import Glibc

/// A listening socket that the service manager has bound for this process (`sd_listen_fds(3)`).
package struct HandedSocket {
  /// Why a descriptor that was handed over cannot be listened on.
  package struct Unfit: Error, Equatable, CustomStringConvertible {
    /// The descriptor's number.
    package let descriptor: Int32
    /// Its name in `LISTEN_FDNAMES`.
    package let name: String
    /// What it is instead.
    package let reason: String

    package var description: String {
      "descriptor \(descriptor) ('\(name)' in LISTEN_FDNAMES) \(reason)"
    }
  }

  /// The first descriptor that is handed over (`SD_LISTEN_FDS_START`).
  package static var firstDescriptor: Int32 { 3 }

  let descriptor: Int32
  private let bound: SocketAddress

  /// Looks at a descriptor, and keeps it from blocking and from children.
  ///
  /// - Throws: ``Unfit`` for anything but a listening stream socket of TCP or Unix.
  package init(_ descriptor: Int32, name: String) throws(Unfit) {
    self.descriptor = descriptor
    let refusal: String?
    do throws(UVError) {
      refusal = Self.refusal(
        family: try Self.option(SO_DOMAIN, of: descriptor),
        type: try Self.option(SO_TYPE, of: descriptor),
        listens: try Self.option(SO_ACCEPTCONN, of: descriptor) != 0)
      bound = try SocketAddress(boundBy: descriptor)
      try Self.raise(FD_CLOEXEC, get: F_GETFD, set: F_SETFD, of: descriptor)
      try Self.raise(O_NONBLOCK, get: F_GETFL, set: F_SETFL, of: descriptor)
    } catch {
      let reason =
        switch error.code {
        case .badFileDescriptor: "is not open"
        case .notSocket: "is no socket"
        default: "cannot be used: \(error)"
        }
      throw Unfit(descriptor: descriptor, name: name, reason: reason)
    }
    if let refusal { throw Unfit(descriptor: descriptor, name: name, reason: refusal) }
  }

  /// Where it listens: `127.0.0.1:8080`, `unix:/path`.
  package var address: String { bound.description }

  /// The host as a number; `unix` for a Unix socket.
  package var host: String { bound.host }

  /// The TCP port.
  package var port: UInt16? { bound.port }

  /// The path of a Unix socket that has one.
  package var path: String? { bound.path }

  private static func refusal(family: Int32, type: Int32, listens: Bool) -> String? {
    guard [AF_INET, AF_INET6, AF_UNIX].contains(family) else {
      return "is neither a TCP nor a Unix socket"
    }
    guard type == Int32(SOCK_STREAM.rawValue) else {
      return "is no stream socket; give ListenStream= in the socket unit"
    }
    guard listens else {
      return "does not listen; give ListenStream= and Accept=no in the socket unit"
    }
    return nil
  }

  private static func option(_ option: Int32, of descriptor: Int32) throws(UVError) -> Int32 {
    var (value, size) = (Int32(0), socklen_t(MemoryLayout<Int32>.size))
    try UVError.system("look at a socket") {
      getsockopt(descriptor, SOL_SOCKET, option, &value, &size)
    }
    return value
  }

  private static func raise(
    _ flag: Int32, get: Int32, set: Int32, of descriptor: Int32
  ) throws(UVError) {
    let flags = try UVError.system("look at a socket") { fcntl(descriptor, get) }
    try UVError.system("set up a socket") { fcntl(descriptor, set, flags | flag) }
  }
}
