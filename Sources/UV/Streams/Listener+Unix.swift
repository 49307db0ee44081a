import CAres
import CLibUV
import CLinux
import Glibc

extension Listener {
  /// Listens on a Unix socket.
  ///
  /// A socket file on which no process answers is replaced. The file is removed when the listener
  /// is closed, unless another one has taken its place.
  ///
  /// - Parameter mode: the permissions of the socket file, whatever the umask.
  /// - Throws: `EADDRINUSE` when a process answers there, `ENOTSOCK` when something else has that
  ///   name, which is left alone.
  package static func unix(
    path: String, mode: UInt32, on loop: Loop, onConnection: @escaping (Stream) -> Void
  ) throws(UVError) -> Listener {
    let address = try SocketAddress.unix(path)
    let descriptor = try UVError.system(.listen, path) {
      socket(AF_UNIX, streamSocket, 0)
    }
    var file: SocketFile?
    do throws(UVError) {
      try address.bindFile(path, descriptor)
      // No client can connect before listen(2), so the mode is right from the first moment.
      let made = SocketFile(path)
      file = made
      try made.give(to: Identity(), mode: mode_t(mode))
      try UVError.system(.listen, path) { Glibc.listen(descriptor, 511) }
      return try Listener(descriptor, socketFile: file, on: loop, onConnection: onConnection)
    } catch {
      Glibc.close(descriptor)
      file?.remove()
      throw error
    }
  }
}

/// The file of a Unix socket: known by its inode, so that only one's own is removed.
struct SocketFile: Sendable {
  /// Its path.
  let path: String
  private let status: FileStatus?

  /// Notes the file that has just been bound.
  init(_ path: String) {
    self.path = path
    status = Self.status(of: path)
  }

  /// Removes the file on the pool, if it is still the same; `then` is called from the loop.
  func remove(on loop: Loop, then: @escaping () -> Void = {}) {
    PoolWork.run(on: loop, .start(place: Files.parent(of: path))) {
      remove()
    } then: {
      then()
    }
  }

  /// Removes the file if it is still the same.
  func remove() {
    guard let status, let found = Self.status(of: path), found.isSameFile(as: status) else {
      return
    }
    unlink(path)
  }

  /// Sets owner and mode of the file. The owner of its directory may have put something else in its
  /// place, a link for instance: the file itself is looked at and changed, never what its name
  /// leads to.
  func give(to owner: Identity, mode: mode_t) throws(UVError) {
    let file = try UVError.system(.open, path) { open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC) }
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

  private static func status(of path: String) -> FileStatus? {
    var status = stat()
    return path.withSystemPath({ lstat($0, &status) }) == 0 ? FileStatus(status) : nil
  }
}
