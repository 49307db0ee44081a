import CLibUV
import CLinux
import Glibc

/// A small file that is appended to and now and then rewritten: a value that calls on the pool take
/// and give back. It does not close itself.
package struct AppendFile: Sendable {
  private let path: String
  private let mode: UInt32
  private var descriptor: Int32 = -1
  /// What the file is, and how large, as long as no other process changes it.
  private var device: UInt64 = 0
  private var inode: UInt64 = 0
  private var size: Int64 = 0

  /// Opens the file, or makes it.
  ///
  /// - Parameter mode: the permissions of a new file, less the process's umask.
  package init(path: String, mode: UInt32) throws(UVError) {
    self.path = path
    self.mode = mode
    descriptor = try UVError.system(.open, path) {
      open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, mode_t(mode))
    }
    try identify(descriptor)
  }

  /// Makes the file with these contents, in the place of whatever has the name; only a directory is
  /// left there.
  ///
  /// - Parameter mode: the permissions of the file, less the process's umask.
  package init(path: String, mode: UInt32, contents: [UInt8]) throws(UVError) {
    self.path = path
    self.mode = mode
    try replaceContents(contents)
  }

  /// Whether the path still leads to this file, and nothing but what was written here is in it, by
  /// its size.
  package var isIntact: Bool {
    var status = stat()
    guard descriptor >= 0, lstat(path, &status) == 0 else { return false }
    let found = FileStatus(status)
    return found.size == size && (found.device, found.inode) == (device, inode)
  }

  private mutating func identify(_ descriptor: Int32) throws(UVError) {
    var status = stat()
    try UVError.system("look at", path) { fstat(descriptor, &status) }
    let found = FileStatus(status)
    (device, inode) = (found.device, found.inode)
    size = found.size
  }

  /// Appends bytes: all of them, or none when this throws.
  package mutating func append(_ bytes: [UInt8]) throws(UVError) {
    do throws(UVError) {
      try Files.writeAll(bytes, to: descriptor, path)
      size += Int64(bytes.count)
    } catch {
      // Half a record would be read as a record; if this fails too, the first error says why.
      ftruncate(descriptor, off_t(size))
      throw error
    }
  }

  /// Puts other contents in the place of the old ones: a temporary file is written and renamed.
  package mutating func replaceContents(_ bytes: [UInt8]) throws(UVError) {
    let temporary = path + ".tmp"
    if unlink(temporary) != 0, errno != ENOENT {
      throw UVError.current("remove", temporary)
    }
    let new = try UVError.system("create", temporary) {
      open(temporary, O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_CLOEXEC, mode_t(mode))
    }
    do throws(UVError) {
      try Files.writeAll(bytes, to: new, temporary)
      try UVError.system(.rename, temporary) { rename(temporary, path) }
      try identify(new)
    } catch {
      Glibc.close(new)
      unlink(temporary)
      throw error
    }
    close()
    descriptor = new
  }

  /// Closes the file; what is done to it afterwards fails with `EBADF`.
  package mutating func close() {
    guard descriptor >= 0 else { return }
    Glibc.close(descriptor)
    descriptor = -1
  }
}
