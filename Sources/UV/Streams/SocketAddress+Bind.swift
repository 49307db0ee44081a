import CAres
import CLibUV
import CLinux
import Glibc

extension SocketAddress {
  /// Binds a Unix socket to its path. A socket file on which no process answers is replaced.
  ///
  /// - Throws: `EADDRINUSE` when a process answers there, `ENOTSOCK` when something else has that
  ///   name, which is left alone.
  func bindFile(_ path: String, _ descriptor: Int32) throws(UVError) {
    if withPointer({ Glibc.bind(descriptor, $0, $1) }) == 0 { return }
    let error = UVError.current(.listen, path)
    guard error.code == .addressInUse else { throw error }
    try removeIfStale(path)
    try UVError.system(.listen, path) {
      withPointer { Glibc.bind(descriptor, $0, $1) }
    }
  }

  private func removeIfStale(_ path: String) throws(UVError) {
    var status = stat()
    try UVError.system(.listen, path) { path.withSystemPath { lstat($0, &status) } }
    guard FileStatus(status).isSocket else {
      throw UVError(code: -ENOTSOCK, operation: .listen, subject: path)
    }
    let probe = try UVError.system(.listen, path) {
      socket(AF_UNIX, Listener.streamSocket, 0)
    }
    defer { Glibc.close(probe) }
    let answer = withPointer { Glibc.connect(probe, $0, $1) }
    guard answer != 0, errno == ECONNREFUSED else {
      throw UVError(code: -EADDRINUSE, operation: .listen, subject: path)
    }
    try UVError.system("remove", path) { unlink(path) }
  }

  /// Turns an option of a socket on that is to be bound.
  static func set(
    _ option: Int32, at level: Int32, of descriptor: Int32, _ subject: String
  ) throws(UVError) {
    var on: Int32 = 1
    try UVError.system(.listen, subject) {
      setsockopt(descriptor, level, option, &on, socklen_t(MemoryLayout<Int32>.size))
    }
  }
}
