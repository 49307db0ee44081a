import CLibUV
import CLinux
import Glibc

extension BoundSocket {
  /// Who may connect to a Unix socket: its owner and its group.
  private static let mode: mode_t = 0o660

  /// Binds a Unix socket and has it listen. A file that nobody answers on is replaced.
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
}
