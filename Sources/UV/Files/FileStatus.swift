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
  /// Whether it is a directory.
  package let isDirectory: Bool
  /// Whether it is a regular file.
  package let isRegular: Bool
  /// Whether it is a Unix socket.
  package let isSocket: Bool

  init(_ status: stat) {
    self.init(
      size: Int64(status.st_size), inode: UInt64(status.st_ino), device: UInt64(status.st_dev),
      fullMode: UInt32(status.st_mode))
  }

  init(_ status: uv_stat_t) {
    self.init(
      size: Int64(clamping: status.st_size), inode: status.st_ino, device: status.st_dev,
      fullMode: UInt32(truncatingIfNeeded: status.st_mode))
  }

  private init(size: Int64, inode: UInt64, device: UInt64, fullMode: UInt32) {
    self.size = size
    self.inode = inode
    self.device = device
    mode = fullMode & 0o7777
    let kind = fullMode & UInt32(Glibc.S_IFMT)
    isDirectory = kind == UInt32(Glibc.S_IFDIR)
    isRegular = kind == UInt32(Glibc.S_IFREG)
    isSocket = kind == UInt32(Glibc.S_IFSOCK)
  }
}
