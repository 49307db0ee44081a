import Glibc

extension Files {
  /// Gives a file other contents and nothing else: owner, group, mode and the name stay.
  ///
  /// As a rule it is replaced, see ``replace(_:with:mode:owner:)``. Where the name is a mount of
  /// its own, which cannot be renamed, or the owner could not be kept, it is written in place; what
  /// it held goes into a backup beside it first, and is put back where the write fails.
  ///
  /// - Parameter old: what the file is and holds now; nil if there is none. A new one is for the
  ///   owner alone.
  package static func rewrite(
    _ path: String, with bytes: [UInt8], over old: (status: FileStatus, bytes: [UInt8])?
  ) throws(UVError) {
    guard let old else { return try replace(path, with: bytes, mode: 0o600) }
    let mode = old.status.mode & 0o777
    let refusal: UVError
    do throws(UVError) {
      return try replace(path, with: bytes, mode: mode, owner: old.status)
    } catch {
      guard mustBeInPlace(error) else { throw error }
      refusal = error
    }
    do throws(UVError) {
      try writeInPlace(path, bytes, over: old)
    } catch {
      guard refusal.operation == .keepOwner, error.operation == .open else { throw error }
      // Another user's file that may not be written, in a directory of ours: it becomes ours.
      try replace(path, with: bytes, mode: mode)
    }
  }

  /// The name of the backup of a file that is written in place.
  package static func backup(of path: String) -> String { path + ".bak" }

  /// Writes what a file holds into the backup beside it, for the same eyes only.
  private static func writeBackup(
    of path: String, _ file: (status: FileStatus, bytes: [UInt8])
  ) throws(UVError) {
    let (mode, name) = (file.status.mode & 0o777, backup(of: path))
    do throws(UVError) {
      try replace(name, with: file.bytes, mode: mode, owner: file.status)
    } catch {
      guard error.operation == .keepOwner else { throw error }
      try replace(name, with: file.bytes, mode: mode & 0o700)
    }
  }

  /// How many copies of what was overwritten by order are kept beside a file.
  package static let mostForcedBackups = 100

  /// The names of the copies of what was overwritten by order, the first one first.
  package static func forcedBackup(of path: String, number: Int) -> String {
    number == 0 ? "\(path).forced.bak" : "\(path).forced.bak.\(number)"
  }

  /// Writes what a file holds into a new file beside it, for the same eyes only. No other write
  /// changes that one: neither the backup of a write in place, nor another call.
  ///
  /// - Throws: `EEXIST` where there are ``mostForcedBackups`` already.
  package static func writeForcedBackup(
    of path: String, _ file: (status: FileStatus, bytes: [UInt8])
  ) throws(UVError) {
    var owner: FileStatus? = file.status
    var number = 0
    while number < mostForcedBackups {
      let mode = file.status.mode & (owner == nil ? 0o700 : 0o777)
      do throws(UVError) {
        let name = forcedBackup(of: path, number: number)
        return try make(name, with: file.bytes, mode: mode, owner: owner)
      } catch {
        if error.operation == .open, error.code == .fileExists {
          number += 1
        } else if owner != nil, error.operation == .keepOwner {
          owner = nil
        } else {
          throw error
        }
      }
    }
    throw UVError(code: -EEXIST, operation: "back up", subject: path)
  }

  private static func mustBeInPlace(_ error: UVError) -> Bool {
    switch error.operation {
    case .rename: error.code == .resourceBusy || error.code == .improperLink
    case .keepOwner: true
    default: false
    }
  }

  private static func writeInPlace(
    _ path: String, _ bytes: [UInt8], over old: (status: FileStatus, bytes: [UInt8])
  ) throws(UVError) {
    try writeBackup(of: path, old)
    let descriptor = try UVError.system(.open, path) { open(path, O_WRONLY | O_CLOEXEC) }
    do throws(UVError) {
      try overwrite(descriptor, path, bytes)
    } catch {
      do throws(UVError) {
        try overwrite(descriptor, path, old.bytes)
      } catch {
        // The backup has what was there, and the first error says why.
      }
      close(descriptor)
      throw error
    }
    guard close(descriptor) == 0 else { throw UVError.current("close", path) }
  }

  /// Cuts the file first: what a crash leaves is no whole JSON then, and not taken for one.
  private static func overwrite(
    _ descriptor: Int32, _ path: String, _ bytes: [UInt8]
  ) throws(UVError) {
    try UVError.system("truncate", path) { ftruncate(descriptor, 0) }
    try UVError.system("write", path) { Int32(clamping: lseek(descriptor, 0, SEEK_SET)) }
    try writeAll(bytes, to: descriptor, path)
    try UVError.system("sync", path) { fsync(descriptor) }
  }
}
