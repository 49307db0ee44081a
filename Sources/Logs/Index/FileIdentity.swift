import Glibc
import UV

/// What makes a file the same one under another name.
struct FileIdentity: Equatable, Sendable {
  let device: UInt64
  let inode: UInt64

  init(_ status: FileStatus) {
    device = status.device
    inode = status.inode
  }

  init(device: UInt64, inode: UInt64) {
    self.device = device
    self.inode = inode
  }

  /// Of a file that is not there.
  static let none = FileIdentity(device: 0, inode: 0)

  /// What a name in a log directory stands for.
  enum Name: Equatable, Sendable {
    case missing
    case file(FileIdentity, size: Int)
    /// Nothing that a log is kept in; with the errno that says so.
    case other(reason: Int32)
  }

  /// Looks what a name stands for, without following a link. It waits for the file system.
  static func look(at name: String, in directory: HeldDirectory) throws(UVError) -> Name {
    guard let status = try directory.status(of: name) else { return .missing }
    if status.isDirectory { return .other(reason: -EISDIR) }
    if status.isLink { return .other(reason: -ELOOP) }
    guard status.isRegular else { return .other(reason: -EINVAL) }
    if try directory.mayBeForeignLink(status) { return .other(reason: -EMLINK) }
    return .file(FileIdentity(status), size: Int(status.size))
  }
}
