import CLibUV
import CLinux
import Glibc

/// An open directory in which other users may be able to make and remove names. Each call may wait
/// for a file system, and is made on a thread of the pool only.
///
/// Its files are reached by the descriptor and a plain name. A symbolic link in the place of a file
/// is never followed, and nothing that is opened blocks. All names are those of files directly in
/// it.
package final class HeldDirectory: Sendable {
  /// The path it was opened by, for messages.
  package let path: String
  private let descriptor: Int32
  private let status: FileStatus

  init(_ path: String) throws(UVError) {
    self.path = path
    descriptor = try UVError.system(.open, path) {
      path.withSystemPath { Glibc.open($0, O_PATH | O_DIRECTORY | O_CLOEXEC) }
    }
    do throws(UVError) {
      status = try HeldDirectory.status(of: descriptor, path)
    } catch {
      Glibc.close(descriptor)
      throw error
    }
  }

  deinit {
    // A descriptor with O_PATH has nothing to write back, so this waits for nothing.
    Glibc.close(descriptor)
  }

  /// The directory that a path leads to.
  ///
  /// - Parameters:
  ///   - old: the one that it led to before; one that was removed is made again with the owner,
  ///     group and mode of that.
  ///   - makes: whether it is made where it is missing, and those above it.
  static func follow(
    _ path: String, from old: HeldDirectory?, makes: Bool
  ) throws(UVError) -> HeldDirectory {
    do throws(UVError) {
      guard let old else { return try HeldDirectory(path) }
      let found = try Files.status(of: path)
      return found.isSameFile(as: old.status) ? old : try HeldDirectory(path)
    } catch {
      guard error.code == .noSuchFileOrDirectory, makes else { throw error }
      try Files.createDirectories(path, mode: 0o750)
      if let old { try giveBack(old.status, to: path) }
      return try HeldDirectory(path)
    }
  }

  /// Gives a directory that was just made the owner, group and mode of the one that was removed.
  private static func giveBack(_ old: FileStatus, to path: String) throws(UVError) {
    let new = try UVError.system(.open, path) {
      path.withSystemPath { Glibc.open($0, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) }
    }
    defer { Glibc.close(new) }
    let status = try status(of: new, path)
    guard status.owner == geteuid() else { return }
    // Only root may give it away. It is used in any case.
    if fchown(new, old.owner, old.group) == 0
      || (status.owner, status.group) == (old.owner, old.group)
    {
      fchmod(new, mode_t(old.mode))
    }
  }

  private static func status(of descriptor: Int32, _ path: String) throws(UVError) -> FileStatus {
    var status = stat()
    try UVError.system("look at", path) { fstat(descriptor, &status) }
    return FileStatus(status)
  }

  /// The path of a file in it, for messages.
  package func path(of name: String) -> String { "\(path)/\(name)" }

  /// Whether other users than root and the user of this process may make names in it.
  private func isShared() throws(UVError) -> Bool {
    let status = try HeldDirectory.status(of: descriptor, path)
    return status.mode & 0o022 != 0 || (status.owner != 0 && status.owner != geteuid())
  }

  /// What the system says about a name, without following a link (`fstatat(2)`); nil if it is
  /// missing.
  package func status(of name: String) throws(UVError) -> FileStatus? {
    var status = stat()
    guard fstatat(descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
      if errno == ENOENT { return nil }
      throw UVError.current("look at", path(of: name))
    }
    return FileStatus(status)
  }

  /// Refuses a file that another user may have linked into a directory that others may write to:
  /// one that has a second name, or no longer this one.
  ///
  /// One look at the name tells both: a file that is reached by this name and has one name only is
  /// reached by no other.
  ///
  /// - Parameter file: what was opened by the name.
  package func refuseForeignLink(_ name: String, _ file: FileStatus) throws(UVError) {
    guard try isShared() else { return }
    guard let found = try status(of: name), found.isSameFile(as: file) else {
      throw UVError(code: -ESTALE, operation: .open, subject: path(of: name))
    }
    guard found.links == 1 else {
      throw UVError(code: -EMLINK, operation: .open, subject: path(of: name))
    }
  }

  /// Whether a file is one that another user may have linked into the directory.
  package func mayBeForeignLink(_ file: FileStatus) throws(UVError) -> Bool {
    guard file.links > 1 else { return false }
    return try isShared()
  }

  /// Opens a file (`openat(2)`). What is opened must be closed, or taken over on the loop.
  ///
  /// - Parameter mode: the permissions of a new file, less the process's umask.
  /// - Throws: `ELOOP` for a symbolic link.
  package func open(
    _ name: String, _ access: File.Access, mode: UInt32 = 0o640
  ) throws(UVError) -> OpenedFile {
    let subject = path(of: name)
    let flags = access.flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY
    let file = try UVError.system(.open, subject) {
      openat(descriptor, name, flags, mode_t(mode))
    }
    return OpenedFile(path: subject, descriptor: file)
  }

  /// Gives a file in it another name, replacing what had it (`renameat(2)`).
  package func rename(_ from: String, to: String) throws(UVError) {
    try UVError.system(.rename, path(of: from)) { renameat(descriptor, from, descriptor, to) }
  }

  /// Takes a name away (`unlinkat(2)`); the last one frees the file, which can take long.
  package func unlink(_ name: String) throws(UVError) {
    try UVError.system("remove", path(of: name)) { unlinkat(descriptor, name, 0) }
  }

  /// The names in it that begin with some text, in no order (`readdir(3)`).
  package func names(beginningWith start: String) throws(UVError) -> [String] {
    let readable = try UVError.system(.open, path) {
      openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    }
    guard let stream = fdopendir(readable) else {
      let error = UVError.current(.open, path)
      Glibc.close(readable)
      throw error
    }
    return try Files.names(in: stream, path, ofType: nil).filter { $0.hasPrefix(start) }
  }
}
