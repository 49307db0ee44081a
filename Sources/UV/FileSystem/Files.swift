import CLibUV
import CLinux
import Glibc

/// Small synchronous file work, for the start of the program and the run state. Everything is
/// opened with `O_CLOEXEC`.
package enum Files {
  /// Reads a whole file.
  ///
  /// - Parameter limit: the most bytes a file may have.
  /// - Throws: `EFBIG` for a file with more than `limit` bytes, or what `open(2)` and `read(2)`
  ///   say.
  package static func read(_ path: String, limit: Int) throws(UVError) -> [UInt8] {
    // A FIFO in the place of what is meant is not waited for.
    let descriptor = try UVError.system(.open, path) {
      open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
    }
    defer { Glibc.close(descriptor) }
    return try readAll(of: descriptor, path, limit: limit)
  }

  /// Reads a file that another user may have put there, and says what it is. A FIFO, a directory or
  /// a device is not read, and not waited for: its bytes are empty.
  ///
  /// - Parameter limit: the most bytes a file may have.
  /// - Throws: `EFBIG` for a file with more than `limit` bytes, or what `open(2)` and `read(2)`
  ///   say.
  package static func readRegular(
    _ path: String, limit: Int
  ) throws(UVError) -> (status: FileStatus, bytes: [UInt8]) {
    let descriptor = try UVError.system(.open, path) {
      open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
    }
    return try readRegular(descriptor, path, limit: limit)
  }

  /// Does the same, but a link is not followed: `ELOOP`.
  package static func readRegularItself(
    _ path: String, limit: Int
  ) throws(UVError) -> (status: FileStatus, bytes: [UInt8]) {
    let descriptor = try UVError.system(.open, path) {
      open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC)
    }
    return try readRegular(descriptor, path, limit: limit)
  }

  /// Reads a file that has been opened with `O_NONBLOCK`, and closes it.
  static func readRegular(
    _ descriptor: Int32, _ path: String, limit: Int
  ) throws(UVError) -> (status: FileStatus, bytes: [UInt8]) {
    defer { Glibc.close(descriptor) }
    var status = stat()
    try UVError.system("look at", path) { fstat(descriptor, &status) }
    let result = FileStatus(status)
    return (result, result.isRegular ? try readAll(of: descriptor, path, limit: limit) : [])
  }

  private static func readAll(
    of descriptor: Int32, _ path: String, limit: Int
  ) throws(UVError) -> [UInt8] {
    var contents: [UInt8] = []
    let piece = ByteBuffer(capacity: 64 * 1024)
    while true {
      let count = try UVError.system("read", path) {
        Glibc.read(descriptor, piece.base, piece.capacity)
      }
      if count == 0 { return contents }
      guard contents.count + count <= limit else {
        throw UVError(code: -EFBIG, operation: "read", subject: path)
      }
      piece.count = count
      contents.append(contentsOf: piece.bytes)
    }
  }

  /// Hands over the first 4096 bytes of a small file of the kernel's, which gives all of it in one
  /// read.
  ///
  /// - Returns: nil if the file cannot be read: of a process or a cgroup that may end at any
  ///   moment, that is the answer to the question and no failure.
  static func withBeginning<Value>(
    of path: String, _ body: (UnsafeRawBufferPointer) -> Value?
  ) -> Value? {
    // The doc comment says whose errors are dropped.
    try? readBeginning(of: path, body)
  }

  /// Does the same where it matters why there is nothing.
  ///
  /// - Returns: nil if the file is not there, or the process that it tells of.
  /// - Throws: what else `open(2)` and `read(2)` say.
  static func readBeginning<Value>(
    of path: String, _ body: (UnsafeRawBufferPointer) -> Value?
  ) throws(UVError) -> Value? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      let error = UVError.current(.open, path)
      if error.isNoSuchProcess { return nil }
      throw error
    }
    defer { Glibc.close(descriptor) }
    var error: UVError?
    let value: Value? = withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 16) { buffer in
      var count: Int
      repeat {
        count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
      } while count == -1 && errno == EINTR
      guard count >= 0 else {
        error = UVError.current("read", path)
        return nil
      }
      return body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }
    if let error, !error.isNoSuchProcess { throw error }
    return value
  }

  /// The first bytes of a regular file, at most `limit`; a FIFO or a device is not waited for.
  static func beginning(of path: String, limit: Int) throws(UVError) -> [UInt8] {
    let descriptor = try UVError.system(.open, path) {
      open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
    }
    defer { Glibc.close(descriptor) }
    let buffer = ByteBuffer(capacity: limit)
    let count = try UVError.system("read", path) {
      Glibc.read(descriptor, buffer.base, buffer.capacity)
    }
    buffer.count = count
    return Array(buffer.bytes)
  }

  /// Makes a directory and those above it, as `mkdir -p` does.
  ///
  /// - Parameter mode: the permissions of those that are made, less the process's umask.
  package static func createDirectories(_ path: String, mode: UInt32) throws(UVError) {
    let parts = path.split(separator: "/", omittingEmptySubsequences: true)
    var current = path.hasPrefix("/") ? "" : "."
    for part in parts {
      current += "/" + part
      if mkdir(current, mode_t(mode)) == 0 { continue }
      let error = UVError.current("create the directory", current)
      // It may be a link to a directory, and a read-only parent says EROFS before EEXIST. Where
      // there is nothing to be seen, the error of mkdir is the one to tell.
      if let status = try? status(of: current) {
        if status.isDirectory { continue }
        throw UVError(code: -ENOTDIR, operation: error.operation, subject: current)
      }
      throw error
    }
  }

  /// The names of the directories in a directory, links to others apart, in no order
  /// (`readdir(3)`).
  package static func directoryNames(in path: String) throws(UVError) -> [String] {
    try names(in: path, ofType: DT_DIR)
  }

  /// The names in a directory, in no order (`readdir(3)`).
  package static func names(in path: String) throws(UVError) -> [String] {
    try names(in: path, ofType: nil)
  }

  /// Removes the Unix sockets in a directory: those that a process has left which was killed.
  package static func removeSockets(in path: String) throws(UVError) {
    for name in try names(in: path, ofType: DT_SOCK) { try remove("\(path)/\(name)") }
  }

  private static func names(
    in path: String, ofType type: Int?
  ) throws(UVError) -> [String] {
    guard let directory = opendir(path) else { throw UVError.current(.open, path) }
    return try names(in: directory, path, ofType: type)
  }

  /// The names in a directory that is open, and is closed.
  static func names(
    in directory: OpaquePointer, _ path: String, ofType type: Int?
  ) throws(UVError) -> [String] {
    defer { closedir(directory) }
    var names: [String] = []
    while true {
      errno = 0
      guard let entry = readdir(directory) else {
        if errno != 0 { throw UVError.current("read", path) }
        return names
      }
      if let type, entry.pointee.d_type != UInt8(type) { continue }
      let name = withUnsafePointer(to: &entry.pointee.d_name) { name in
        name.withMemoryRebound(to: CChar.self, capacity: 256) { String(systemC: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
  }

  /// Whether this process may write to a file, or make something in a directory (`faccessat(2)`).
  package static func isWritable(_ path: String) -> Bool {
    faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) == 0
  }

  /// Makes a new file and has it written to its device.
  ///
  /// - Throws: `EEXIST` when there is one. A file that could not be written whole is removed.
  package static func createNew(
    _ path: String, mode: UInt32, contents: [UInt8]
  ) throws(UVError) {
    let descriptor = try UVError.system("create", path) {
      open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode_t(mode))
    }
    do throws(UVError) {
      defer { Glibc.close(descriptor) }
      try writeAll(contents, to: descriptor, path)
      try UVError.system("sync", path) { fsync(descriptor) }
    } catch {
      unlink(path)
      throw error
    }
  }

  /// What the system says about the file of that name, on the spot (`stat(2)`).
  package static func status(of path: String) throws(UVError) -> FileStatus {
    var status = stat()
    try UVError.system("look at", path) { path.withSystemPath { stat($0, &status) } }
    return FileStatus(status)
  }

  /// Whether there is a directory of that name.
  package static func isDirectory(_ path: String) -> Bool {
    // Where that cannot be told, nothing in it can be read either.
    (try? status(of: path))?.isDirectory == true
  }

  /// Takes a name away (`unlink(2)`).
  package static func remove(_ path: String) throws(UVError) {
    try UVError.system("remove", path) { unlink(path) }
  }

  /// Writes every byte to a descriptor that blocks.
  static func writeAll(
    _ bytes: [UInt8], to descriptor: Int32, _ path: String
  ) throws(UVError) {
    var written = 0
    while written < bytes.count {
      written += try UVError.system("write", path) {
        bytes.withUnsafeBytes { all in
          let rest = UnsafeRawBufferPointer(rebasing: all[written...])
          return Glibc.write(descriptor, rest.baseAddress, rest.count)
        }
      }
    }
  }

  /// A path from the root on, without a look at anything: links stay.
  package static func absolute(_ path: String) -> String {
    let full = path.hasPrefix("/") ? path : "\(SystemProcess.currentDirectory ?? "")/\(path)"
    return "/" + full.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
  }

  /// The directory that a file is in (`dirname(3)`).
  package static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// Gives a file, whatever it is, another name beside its own that nothing has: `NAME.1`, or the
  /// next free number.
  ///
  /// - Returns: the new path.
  package static func moveAside(_ path: String) throws(UVError) -> String {
    for number in 1...1000 {
      let other = "\(path).\(number)"
      if try statusOfName(other) != nil { continue }
      try UVError.system(.rename, path) { rename(path, other) }
      return other
    }
    throw UVError(code: -EEXIST, operation: .rename, subject: path)
  }

  /// What a name stands for, a link not followed (`lstat(2)`); nil if there is no such name.
  package static func statusOfName(_ path: String) throws(UVError) -> FileStatus? {
    var status = stat()
    do throws(UVError) {
      try UVError.system("look at", path) { lstat(path, &status) }
    } catch {
      if error.code == .noSuchFileOrDirectory { return nil }
      throw error
    }
    return FileStatus(status)
  }

  /// Where a symbolic link leads (`readlink(2)`); nil if there is none.
  package static func target(ofLink path: String) -> String? {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PATH_MAX)) { buffer in
      guard let base = buffer.baseAddress else { return nil }
      let count = readlink(path, base, buffer.count)
      guard count >= 0 else { return nil }
      return String(system: Array(UnsafeRawBufferPointer(start: base, count: count)))
    }
  }

  /// The path of the file that a path leads to, without links (`realpath(3)`); the path itself
  /// where it leads to nothing.
  package static func resolvingLinks(_ path: String) -> String {
    guard let resolved = path.withSystemPath({ realpath($0, nil) }) else { return path }
    defer { free(resolved) }
    return String(systemC: resolved)
  }
}
