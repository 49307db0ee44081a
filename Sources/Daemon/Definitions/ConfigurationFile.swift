import UV

/// Reads the files that say what the daemon is to do and for whom, once it is sure what they are.
package enum ConfigurationFile {
  /// Why one is not used: what it is and what to do.
  package struct Failure: Error, CustomStringConvertible {
    package internal(set) var description: String
    /// There is no such file.
    var isAbsence = false
    /// The errno behind it, where there is one.
    var errorNumber: Int32?

    /// - Parameter description: may hold paths that are not UTF-8.
    init(description: String, isAbsence: Bool = false, errorNumber: Int32? = nil) {
      self.description = description.readable
      self.isAbsence = isAbsence
      self.errorNumber = errorNumber
    }
  }

  /// The contents of a file. It is the open file that is looked at, not the name: no user can put
  /// another in its place in between.
  ///
  /// - Parameter isSecret: whether only its owner and group may read or change it, and who that
  ///   owner may be is limited.
  /// Throws for what is no regular file, and never waits for one.
  static func read(
    _ path: String, limit: Int, isSecret: Bool
  ) throws(Failure) -> (status: FileStatus, bytes: [UInt8]) {
    let file: (status: FileStatus, bytes: [UInt8])
    do throws(UVError) {
      file = try Files.readRegular(path, limit: limit)
    } catch {
      throw Failure(error)
    }
    try check(file.status, path, isSecret: isSecret)
    return file
  }

  /// Refuses what is no regular file, and a secret that others can read or change. An owner can
  /// always change a file: one that is neither root nor the daemon's own user could add a key.
  ///
  /// - Parameter directoryOwner: a user who may own the file as well; nil: no other.
  static func check(
    _ status: FileStatus, _ path: String, isSecret: Bool, directoryOwner: UInt32? = nil
  ) throws(Failure) {
    guard status.isRegular else {
      throw Failure(description: "'\(path)' is \(status.kind), but must be a regular file")
    }
    guard isSecret else { return }
    guard status.mode & 0o007 == 0 else {
      let mode = String(status.mode, radix: 8)
      throw Failure(
        description:
          "'\(path)' can be read or changed by every user of the machine (mode 0\(mode)): chmod 640 '\(path)'"
      )
    }
    if status.owner != directoryOwner { try refuseForeignOwner(status, path) }
  }

  /// Refuses a file or directory that says what is executed, and that another user than root and
  /// the daemon's own can change. Its group may: an operator who makes a file writable for a group
  /// means it.
  static func refuseForeign(_ status: FileStatus, _ path: String) throws(Failure) {
    if status.mode & 0o002 != 0 {
      let mode = String(status.mode, radix: 8)
      throw Failure(
        description:
          "'\(path)' can be changed by every user of the machine (mode 0\(mode)): chmod o-w '\(path)'"
      )
    }
    try refuseForeignOwner(status, path)
  }

  private static func refuseForeignOwner(
    _ status: FileStatus, _ path: String
  ) throws(Failure) {
    let own = SystemProcess.userID
    guard status.owner != 0, status.owner != own else { return }
    throw Failure(
      description:
        "'\(path)' belongs to the user \(status.owner), who is neither root nor the user that exeio runs as: chown \(own) '\(path)'"
    )
  }
}

extension ConfigurationFile.Failure {
  /// An error of the system, and what to do about the one that has a common cure.
  init(_ error: UVError) {
    let cure = error.code == .permissionDenied ? "; let the user that exeio runs as read it" : ""
    self.init(
      description: "\(error)\(cure)", isAbsence: error.code == .noSuchFileOrDirectory,
      errorNumber: error.number)
  }
}
