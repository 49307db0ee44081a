import CLinux
import Glibc
import UV

/// What makes a file the same one under another name.
struct FileIdentity: Equatable {
  let device: UInt64
  let inode: UInt64

  init(_ status: FileStatus) {
    device = status.device
    inode = status.inode
  }

  /// What a name in a log directory stands for.
  enum Name: Equatable {
    case missing
    case file(FileIdentity, size: Int)
    /// Nothing that a log is kept in; with the errno that says so.
    case other(reason: Int32)
  }

  /// Looks what a name stands for, without following a link (`lstat(2)`).
  static func look(at path: String) throws(UVError) -> Name {
    var status = stat()
    guard lstat(path, &status) == 0 else {
      if errno == ENOENT { return .missing }
      throw UVError(code: -errno, operation: "look at", subject: path)
    }
    switch status.st_mode & S_IFMT {
    case S_IFREG: break
    case S_IFDIR: return .other(reason: -EISDIR)
    case S_IFLNK: return .other(reason: -ELOOP)
    case _: return .other(reason: -EINVAL)
    }
    let identity = FileIdentity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    return .file(identity, size: Int(status.st_size))
  }

  private init(device: UInt64, inode: UInt64) {
    self.device = device
    self.inode = inode
  }
}
