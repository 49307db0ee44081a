import CLibUV
import CLinux
import Glibc

/// A directory that is held open while files in it are changed. Links in the place of its files are
/// not followed: its owner must not lead root to other files.
package final class Directory {
  /// The path it was opened by, for messages.
  package let path: String
  private let descriptor: Int32

  /// Opens a directory.
  package init(_ path: String) throws(UVError) {
    self.path = path
    descriptor = try UVError.system(.open, path) { open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
  }

  deinit {
    close(descriptor)
  }

  /// Reads a file, as ``Files/readRegular(_:limit:)`` does.
  ///
  /// - Throws: `ELOOP` for a symbolic link.
  package func read(
    _ name: String, limit: Int
  ) throws(UVError) -> (status: FileStatus, bytes: [UInt8]) {
    let file = try UVError.system(.open, full(name)) {
      openat(descriptor, name, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC)
    }
    return try Files.readRegular(file, full(name), limit: limit)
  }

  /// Takes the lock of a file that is there for nothing else, and is made where it is missing.
  ///
  /// - Parameter patience: how long a lock that is held is waited for.
  package func lock(_ name: String, patience: Duration) throws(LockFile.Failure) -> LockFile {
    let file: Int32
    do throws(UVError) {
      file = try openLock(name)
    } catch {
      throw .system(error)
    }
    return try LockFile.acquire(descriptor: file, full(name), patience: patience)
  }

  /// Replaces a file's contents so that a reader, and a crash, finds the old ones or the new ones
  /// whole.
  ///
  /// What replaces a file keeps its owner, group and mode, where the system lets it. A new file can
  /// be read by the user whose directory it is, and by the group of the directory, but by no other
  /// user: root gives it away, and others let the group read it. Where the name is a mount of its
  /// own, which cannot be renamed, the file is written in place, after a backup beside it. Calls
  /// must not overlap: hold a lock.
  package func replace(_ name: String, with bytes: [UInt8]) throws(UVError) {
    do throws(UVError) {
      try replaceByRename(name, with: bytes, like: try status(name))
    } catch {
      guard error.operation == .rename, error.code == .resourceBusy || error.code == .improperLink
      else {
        throw error
      }
      try overwrite(name, with: bytes)
    }
  }

  /// Whose it is: what root writes in it is given to that user.
  package func owner() throws(UVError) -> UInt32 {
    var status = stat()
    try UVError.system("look at", path) { fstat(descriptor, &status) }
    return status.st_uid
  }

  /// What a file is; nil if there is none.
  private func status(_ name: String) throws(UVError) -> FileStatus? {
    var status = stat()
    if fstatat(descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0 { return FileStatus(status) }
    guard errno == ENOENT else { throw UVError.current("look at", full(name)) }
    return nil
  }

  private func overwrite(_ name: String, with bytes: [UInt8]) throws(UVError) {
    let old = try read(name, limit: 256 << 20)
    try replaceByRename(Files.backup(of: name), with: old.bytes, like: old.status)
    let file = try UVError.system(.open, full(name)) {
      openat(descriptor, name, O_WRONLY | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC)
    }
    defer { close(file) }
    do throws(UVError) {
      try refill(file, name, bytes)
    } catch {
      do throws(UVError) {
        try refill(file, name, old.bytes)
      } catch {
        // The backup has what was there, and the first error says why.
      }
      throw error
    }
  }

  /// Cuts the file first: what a crash leaves is no whole JSON then, and not taken for one.
  private func refill(_ file: Int32, _ name: String, _ bytes: [UInt8]) throws(UVError) {
    try UVError.system("truncate", full(name)) { ftruncate(file, 0) }
    try UVError.system("write", full(name)) { Int32(clamping: lseek(file, 0, SEEK_SET)) }
    try Files.writeAll(bytes, to: file, full(name))
    try UVError.system("sync", full(name)) { fsync(file) }
  }

  private func replaceByRename(
    _ name: String, with bytes: [UInt8], like old: FileStatus?
  ) throws(UVError) {
    let temporary = name + ".tmp"
    // What a crash may have left behind goes first, so that `O_EXCL` can refuse a planted link.
    if unlinkat(descriptor, temporary, 0) != 0, errno != ENOENT {
      throw UVError.current("remove", full(temporary))
    }
    let file = try UVError.system("create", full(temporary)) {
      openat(descriptor, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    }
    do throws(UVError) {
      defer { close(file) }
      if try !keep(old, of: file, temporary) { try handOver(file, temporary) }
      try Files.writeAll(bytes, to: file, full(temporary))
      try UVError.system("sync", full(temporary)) { fsync(file) }
      try UVError.system(.rename, full(temporary)) {
        renameat(descriptor, temporary, descriptor, name)
      }
    } catch {
      unlinkat(descriptor, temporary, 0)
      throw error
    }
    do throws(UVError) {
      try UVError.system("sync", path) { fsync(descriptor) }
    } catch {
      // Some file systems have no such thing as syncing a directory: the rename is all they can do.
      guard error.code == .invalidArgument || error.code == .notSupported else { throw error }
    }
  }

  private func openLock(_ name: String) throws(UVError) -> Int32 {
    let flags = O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC
    while true {
      do throws(UVError) {
        return try UVError.system(.open, full(name)) { openat(descriptor, name, flags) }
      } catch {
        guard error.code == .noSuchFileOrDirectory else { throw error }
      }
      let file = openat(descriptor, name, flags | O_CREAT | O_EXCL, 0o600)
      if file >= 0 {
        do throws(UVError) {
          try handOver(file, name)
        } catch {
          close(file)
          unlinkat(descriptor, name, 0)
          throw error
        }
        return file
      }
      // Another process was quicker: its file is the one.
      guard errno == EEXIST else { throw UVError.current("create", full(name)) }
    }
  }

  /// Gives a new file the owner, group and mode of the old one, but never more than its group may
  /// read.
  /// - Returns: false where there is none, or the system does not let it.
  private func keep(
    _ old: FileStatus?, of file: Int32, _ name: String
  ) throws(UVError) -> Bool {
    guard let old, old.isRegular else { return false }
    guard fchown(file, old.owner, old.group) == 0 else { return false }
    try UVError.system("set the mode of", full(name)) { fchmod(file, mode_t(old.mode & 0o770)) }
    return true
  }

  /// Has the user whose directory it is read the file.
  private func handOver(_ file: Int32, _ name: String) throws(UVError) {
    var status = stat()
    try UVError.system("look at", path) { fstat(descriptor, &status) }
    let isOwn = geteuid() != 0 && geteuid() == status.st_uid
    if !isOwn {
      let owner = geteuid() == 0 ? status.st_uid : uid_t.max
      try UVError.system("give to the owner of its directory", full(name)) {
        fchown(file, owner, status.st_gid)
      }
    }
    try UVError.system("set the mode of", full(name)) { fchmod(file, isOwn ? 0o600 : 0o640) }
  }

  private func full(_ name: String) -> String { "\(path)/\(name)" }
}
