import UV

/// A file that is open as long as it is used: the writer of a log, or a page that is being
/// read while the writer has gone on to the next file.
final class OpenFile {
  let file: File
  let identity: FileIdentity
  private var users = 1

  /// Takes over an open file, for one user.
  init(_ file: File, _ identity: FileIdentity) {
    self.file = file
    self.identity = identity
  }

  func retain() { users += 1 }

  /// Ends one use; the last one closes the file, on the pool: that may free a large one.
  func release(then: ((UVError?) -> Void)? = nil) {
    users -= 1
    if users == 0 { file.close(then: then) } else { then?(nil) }
  }
}
