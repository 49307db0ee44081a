import CLibUV
import CLinux
import Glibc

/// A directory in which other users may be able to make and remove names, the log directory for instance.
///
/// It is held open, and its files are reached by the descriptor and a plain name. A symbolic link in the place
/// of a file is never followed, and nothing that is opened blocks. All names are those of files directly in it.
package final class SharedDirectory {
  /// The path it was opened by, for messages.
  package let path: String
  private let loop: Loop
  private var held: Held
  /// Why there is no such directory yet: the disk took none. A directory without files, in which none can be made,
  /// is held in its place until a refresh succeeds.
  private var missing: UVError?

  /// An open directory. What was submitted to the pool keeps it open.
  private final class Held {
    let descriptor: Int32
    let status: FileStatus
    /// How the functions of libuv that take a path reach it. Where `/proc` is not mounted, the path it was
    /// opened by has to do.
    let base: String

    init(_ path: String) throws(UVError) {
      let descriptor = try UVError.system("open", path) {
        path.withSystemPath { Glibc.open($0, O_PATH | O_DIRECTORY | O_CLOEXEC) }
      }
      self.descriptor = descriptor
      do throws(UVError) {
        status = try Held.status(of: descriptor, path)
      } catch {
        Glibc.close(descriptor)
        throw error
      }
      let link = "/proc/self/fd/\(descriptor)"
      base = faccessat(AT_FDCWD, link, F_OK, 0) == 0 ? link : path
    }

    deinit {
      Glibc.close(descriptor)
    }

    static func status(of descriptor: Int32, _ path: String) throws(UVError) -> FileStatus {
      var status = stat()
      try UVError.system("look at", path) { fstat(descriptor, &status) }
      return FileStatus(status)
    }
  }

  /// Opens a directory, or makes it and those above it where it is missing. A disk that takes no directory now is no
  /// reason to fail: each opening of a file says so then, until ``refresh(then:)`` can make it.
  package init(_ path: String, on loop: Loop) throws(UVError) {
    self.path = path
    self.loop = loop
    do throws(UVError) {
      held = try Held(path)
    } catch {
      guard error.code == -ENOENT else { throw error }
      do throws(UVError) {
        try Files.createDirectories(path, mode: 0o750)
        held = try Held(path)
      } catch {
        guard error.isOfFullDisk else { throw error }
        held = try Held("/proc/self/fdinfo")
        missing = error
      }
    }
  }

  /// The path of a file in it, for messages.
  package func path(of name: String) -> String { "\(path)/\(name)" }

  /// Follows the path again, on the spot: to the directory that is there now, which is made again if there is
  /// none.
  package func refreshNow() throws(UVError) {
    do throws(UVError) {
      try followPath()
      missing = nil
    } catch {
      guard missing != nil, error.isOfFullDisk else { throw error }
      missing = error
      throw error
    }
  }

  private func followPath() throws(UVError) {
    let found: FileStatus
    do throws(UVError) {
      found = try File.statusNow(path)
    } catch {
      guard error.code == -ENOENT else { throw error }
      return try makeAgain()
    }
    if !isHeld(found) { held = try Held(path) }
  }

  /// Follows the path again, on the pool.
  package func refresh(then: @escaping (UVError?) -> Void) {
    File.status(path, on: loop) { [self] result in
      if case .success(let found) = result, isHeld(found) { return then(nil) }
      do throws(UVError) {
        try refreshNow()
        then(nil)
      } catch {
        then(error)
      }
    }
  }

  private func isHeld(_ found: FileStatus) -> Bool { found.isSameFile(as: held.status) }

  /// Makes the directory again, with the owner, group and mode of the one that was removed.
  private func makeAgain() throws(UVError) {
    try Files.createDirectories(path, mode: 0o750)
    guard missing == nil else {
      held = try Held(path)
      return
    }
    let old = held.status
    let new = try UVError.system("open", path) {
      path.withSystemPath { Glibc.open($0, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) }
    }
    defer { Glibc.close(new) }
    let status = try Held.status(of: new, path)
    if status.owner == geteuid() {
      // Only root may give it away. It is used in any case.
      if fchown(new, old.owner, old.group) == 0
        || (status.owner, status.group) == (old.owner, old.group)
      {
        fchmod(new, mode_t(old.mode))
      }
    }
    held = try Held(path)
  }

  /// Whether other users than root and the user of this process may make names in it.
  private func isShared() throws(UVError) -> Bool {
    let status = try Held.status(of: held.descriptor, path)
    return status.mode & 0o022 != 0 || (status.owner != 0 && status.owner != geteuid())
  }

  /// What the system says about a name, without following a link (`fstatat(2)`); nil if it is missing.
  package func status(of name: String) throws(UVError) -> FileStatus? {
    var status = stat()
    guard fstatat(held.descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
      if errno == ENOENT { return nil }
      throw UVError.current("look at", path(of: name))
    }
    return FileStatus(status)
  }

  /// Refuses a file that another user may have linked into a directory that others may write to: one that has
  /// a second name, or no longer this one.
  ///
  /// One look at the name tells both: a file that is reached by this name and has one name only is reached by
  /// no other.
  ///
  /// - Parameter file: what was opened by the name.
  package func refuseForeignLink(_ name: String, _ file: FileStatus) throws(UVError) {
    guard try isShared() else { return }
    guard let found = try status(of: name), found.isSameFile(as: file) else {
      throw UVError(code: -ESTALE, operation: "open", subject: path(of: name))
    }
    guard found.links == 1 else {
      throw UVError(code: -EMLINK, operation: "open", subject: path(of: name))
    }
  }

  /// Whether a file is one that another user may have linked into the directory.
  package func mayBeForeignLink(_ file: FileStatus) throws(UVError) -> Bool {
    guard file.links > 1 else { return false }
    return try isShared()
  }

  private static func flags(_ access: File.Access) -> Int32 {
    access.flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY
  }

  /// Opens a file on the spot (`openat(2)`).
  ///
  /// - Parameter mode: the permissions of a new file, less the process's umask.
  /// - Throws: `ELOOP` for a symbolic link.
  package func openNow(
    _ name: String, _ access: File.Access, mode: UInt32 = 0o640
  ) throws(UVError) -> File {
    if let missing { throw missing }
    let subject = path(of: name)
    let descriptor = try UVError.system("open", subject) {
      openat(held.descriptor, name, Self.flags(access), mode_t(mode))
    }
    return File(subject, descriptor: descriptor, on: loop)
  }

  /// Opens a file on the pool (`uv_fs_open`).
  package func open(
    _ name: String, _ access: File.Access, mode: UInt32 = 0o640,
    then: @escaping (Result<File, UVError>) -> Void
  ) {
    if let missing { return then(.failure(missing)) }
    let subject = path(of: name)
    let held = self.held
    FileRequest.submit(on: loop) { loop, request, callback in
      uv_fs_open(
        loop, request, "\(held.base)/\(name)", Self.flags(access), Int32(mode), callback)
    } completion: { [loop] result, _ in
      withExtendedLifetime(held) {
        if let error = UVError(result: result, "open", subject) { return then(.failure(error)) }
        then(.success(File(subject, descriptor: Int32(result), on: loop)))
      }
    }
  }

  /// Gives a file in it another name, replacing what had it (`uv_fs_rename`).
  package func rename(_ from: String, to: String, then: @escaping (UVError?) -> Void) {
    let held = self.held
    FileRequest.submit(on: loop, "rename", path(of: from)) {
      uv_fs_rename($0, $1, "\(held.base)/\(from)", "\(held.base)/\(to)", $2)
    } then: { error in
      withExtendedLifetime(held) { then(error) }
    }
  }

  /// Takes a name away (`uv_fs_unlink`); the last one frees the file, which can take long.
  package func unlink(_ name: String, then: @escaping (UVError?) -> Void) {
    let held = self.held
    FileRequest.submit(on: loop, "remove", path(of: name)) {
      uv_fs_unlink($0, $1, "\(held.base)/\(name)", $2)
    } then: { error in
      withExtendedLifetime(held) { then(error) }
    }
  }

  /// The names in it that begin with some text, in no order (`uv_fs_scandir`).
  package func names(
    beginningWith start: String, then: @escaping (Result<[String], UVError>) -> Void
  ) {
    let held = self.held
    let subject = path
    let length = start.utf8.count
    FileRequest.submit(on: loop) {
      uv_fs_scandir($0, $1, "\(held.base)/", 0, $2)
    } completion: { result, request in
      withExtendedLifetime(held) {
        if let error = UVError(result: result, "read", subject) { return then(.failure(error)) }
        var names: [String] = []
        var entry = uv_dirent_t()
        // The names are in the memory of the request, and go with it.
        while uv_fs_scandir_next(UnsafeMutablePointer(mutating: request), &entry) == 0 {
          if strncmp(entry.name, start, length) == 0 { names.append(String(cString: entry.name)) }
        }
        then(.success(names))
      }
    }
  }
}
