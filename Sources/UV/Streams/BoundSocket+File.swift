import CAres
import CLibUV
import CLinux
import Glibc

extension BoundSocket {
  /// Who may connect to a Unix socket: its owner and its group.
  private static let mode: mode_t = 0o660

  /// Binds a Unix socket and has it listen. A file on which no process answers is replaced.
  static func bindFile(
    _ path: String, _ owner: Identity
  ) throws(UVError) -> (Int32, SocketFile) {
    let address = try SocketAddress.unix(path)
    let descriptor = try makeSocket(AF_UNIX, path)
    var file: SocketFile?
    do throws(UVError) {
      try address.bindFile(path, descriptor)
      let made = SocketFile(path)
      file = made
      // No client can connect before listen(2), so owner and mode are right from the first moment.
      try made.give(to: owner, mode: mode)
      try UVError.system(.listen, path) { listen(descriptor, SOMAXCONN) }
      return (descriptor, made)
    } catch {
      Glibc.close(descriptor)
      file?.remove()
      throw error
    }
  }
}
