import Glibc

extension Files {
  /// Replaces a file's contents so that a reader, and a crash, finds the old ones or the new
  /// ones whole: a temporary file beside it is written, synced and renamed, then the directory
  /// is synced. On failure the temporary file is removed and the old one stands.
  ///
  /// Calls for one path must not overlap: they share the temporary file's name.
  ///
  /// - Parameters:
  ///   - mode: the permissions of the new file, whatever the process's umask is.
  ///   - owner: whose owner and group the new file gets; those of this process where nil.
  package static func replace(
    _ path: String, with bytes: [UInt8], mode: UInt32, owner: FileStatus? = nil
  ) throws(UVError) {
    let temporary = path + ".tmp"
    // What a crash may have left behind goes first, so that `O_EXCL` can refuse a planted link.
    if unlink(temporary) != 0, errno != ENOENT { throw UVError.current("remove", temporary) }
    try writeNew(temporary, bytes, mode: mode, owner: owner, of: path)
    do throws(UVError) {
      try UVError.system(.rename, temporary) { rename(temporary, path) }
    } catch {
      unlink(temporary)
      throw error
    }
    try syncDirectory(of: path)
  }

  /// Makes a file that is not there yet, as ``replace(_:with:mode:owner:)`` does: it is on the disk
  /// at the end. On failure it is removed.
  ///
  /// - Throws: `EEXIST` of an `open` where there is something of that name, which is left alone.
  static func make(
    _ path: String, with bytes: [UInt8], mode: UInt32, owner: FileStatus? = nil
  ) throws(UVError) {
    try writeNew(path, bytes, mode: mode, owner: owner, of: path)
    try syncDirectory(of: path)
  }

  /// Writes a new file, with its mode and owner, and syncs it. On failure it is removed.
  ///
  /// - Parameter path: the file that it is to be, for the error of a change of the owner.
  private static func writeNew(
    _ name: String, _ bytes: [UInt8], mode: UInt32, owner: FileStatus?, of path: String
  ) throws(UVError) {
    // No other user can open it before it has its owner.
    let descriptor = try UVError.system(.open, name) {
      open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode_t(0o600))
    }
    do throws(UVError) {
      if let owner {
        try UVError.system(.keepOwner, path) { fchown(descriptor, owner.owner, owner.group) }
      }
      try UVError.system("set the mode of", name) { fchmod(descriptor, mode_t(mode)) }
      try writeAll(bytes, to: descriptor, name)
      try UVError.system("sync", name) { fsync(descriptor) }
    } catch {
      close(descriptor)
      unlink(name)
      throw error
    }
    // A disk in the network may take nothing until then.
    guard close(descriptor) == 0 else {
      let error = UVError.current("close", name)
      unlink(name)
      throw error
    }
  }

  private static func syncDirectory(of path: String) throws(UVError) {
    let directory = parent(of: path)
    let descriptor = try UVError.system(.open, directory) {
      open(directory, O_RDONLY | O_CLOEXEC)
    }
    defer { close(descriptor) }
    do throws(UVError) {
      try UVError.system("sync", directory) { fsync(descriptor) }
    } catch {
      // Some file systems have no such thing as syncing a directory: the rename is all they can do.
      guard error.code == .invalidArgument || error.code == .notSupported else { throw error }
    }
  }
}
