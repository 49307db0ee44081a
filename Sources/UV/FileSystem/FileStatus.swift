import CLibUV
import CLinux
import Glibc

/// What the system says about a file (`stat`).
package struct FileStatus: Equatable, Sendable {
  /// In bytes.
  package let size: Int64
  /// The number of the file on its device.
  package let inode: UInt64
  /// The device that the file is on.
  package let device: UInt64
  /// The permission bits: `0o640`.
  package let mode: UInt32
  /// Whose it is.
  package let owner: UInt32
  /// Which group's it is.
  package let group: UInt32
  /// When its contents, mode or owner last changed (`st_ctim`), in nanoseconds since 1970. No
  /// process can set it.
  package let changed: Int64
  /// How many names it has (`st_nlink`); 0 for a file that was removed while it is open.
  package let links: UInt64
  /// Whether it is a directory.
  package let isDirectory: Bool
  /// Whether it is a regular file.
  package let isRegular: Bool
  /// Whether it is a Unix socket.
  package let isSocket: Bool
  /// Whether it is a symbolic link.
  package let isLink: Bool

  /// Whether both are of one file, whatever its names.
  package func isSameFile(as other: FileStatus) -> Bool {
    (device, inode) == (other.device, other.inode)
  }

  /// What kind of file it is, in words: `a FIFO`.
  package var kind: String {
    switch fileType {
    case UInt32(Glibc.S_IFREG): "a regular file"
    case UInt32(Glibc.S_IFDIR): "a directory"
    case UInt32(Glibc.S_IFIFO): "a FIFO"
    case UInt32(Glibc.S_IFSOCK): "a socket"
    case UInt32(Glibc.S_IFLNK): "a symbolic link"
    default: "a device"
    }
  }

  /// The bits of the mode under `S_IFMT`.
  private let fileType: UInt32

  init(_ status: stat) {
    var status = status
    self.init(
      size: Int64(status.st_size), inode: UInt64(status.st_ino), device: UInt64(status.st_dev),
      fullMode: UInt32(status.st_mode), owner: status.st_uid, group: status.st_gid,
      changed: exeio_change_time(&status), links: UInt64(status.st_nlink))
  }

  init(_ status: uv_stat_t) {
    self.init(
      size: Int64(clamping: status.st_size), inode: status.st_ino, device: status.st_dev,
      fullMode: UInt32(truncatingIfNeeded: status.st_mode),
      owner: UInt32(truncatingIfNeeded: status.st_uid),
      group: UInt32(truncatingIfNeeded: status.st_gid),
      changed: Int64(status.st_ctim.tv_sec) * 1_000_000_000 + Int64(status.st_ctim.tv_nsec),
      links: status.st_nlink)
  }

  private init(
    size: Int64, inode: UInt64, device: UInt64, fullMode: UInt32, owner: UInt32, group: UInt32,
    changed: Int64, links: UInt64
  ) {
    self.size = size
    self.inode = inode
    self.device = device
    self.owner = owner
    self.group = group
    self.changed = changed
    self.links = links
    mode = fullMode & 0o7777
    fileType = fullMode & UInt32(Glibc.S_IFMT)
    isDirectory = fileType == UInt32(Glibc.S_IFDIR)
    isRegular = fileType == UInt32(Glibc.S_IFREG)
    isSocket = fileType == UInt32(Glibc.S_IFSOCK)
    isLink = fileType == UInt32(Glibc.S_IFLNK)
  }
}
