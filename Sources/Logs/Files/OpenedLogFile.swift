import Glibc
import UV

/// What a thread of the pool has opened to be a live file.
struct OpenedLogFile: Sendable {
  /// Read as well as write: pages are read by the same descriptor, so that they need no name.
  private static let access: File.Access = [.read, .append, .create]

  let file: OpenedFile
  let status: FileStatus
  /// The numbers that its lines have, as far as was looked for them.
  private(set) var numbers: FoundNumbers?

  /// Opens or makes a live file, on a thread of the pool.
  ///
  /// - Parameter old: whose owner, group and mode a new one gets, as far as this user may give
  ///   them.
  static func open(
    _ name: String, in directory: HeldDirectory, like old: FileStatus? = nil
  ) throws(UVError) -> OpenedLogFile {
    try refuseAllButFiles(name, in: directory)
    let file = try directory.open(name, access)
    do throws(UVError) {
      let status = try file.status()
      guard status.isRegular else {
        throw UVError(
          code: -EINVAL, operation: "use as a log, which must be a regular file,",
          subject: file.path)
      }
      // Between the look at the name and its opening, another user may have put a link there.
      try directory.refuseForeignLink(name, status)
      if let old, status.size == 0 { file.take(ownerAndModeOf: old) }
      return OpenedLogFile(file: file, status: status)
    } catch {
      file.close()
      throw error
    }
  }

  /// The same with the numbers that stand beside it.
  func findingNumbers(in directory: HeldDirectory, of name: String) -> OpenedLogFile {
    var opened = self
    opened.numbers = FoundNumbers.find(name, of: file, status, in: directory)
    return opened
  }

  /// Refuses what stands in the place of a log and is no regular file. A link is refused too: it
  /// would let a user who may write to the directory have any file of ours written to.
  private static func refuseAllButFiles(
    _ name: String, in directory: HeldDirectory
  ) throws(UVError) {
    switch try FileIdentity.look(at: name, in: directory) {
    case .missing, .file: return
    case .other(let reason):
      throw UVError(
        code: reason, operation: "use as a log, which must be a regular file,",
        subject: directory.path(of: name))
    }
  }
}
