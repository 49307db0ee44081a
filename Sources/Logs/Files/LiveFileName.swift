import UV

/// Whether an open live file still has a name.
enum LiveFileName: Sendable {
  /// It is there, under this name or another one.
  case present
  /// It has no name any more: what is written to it is gone when it is closed.
  case removed

  /// Judges by what the system says of the open file.
  init(
    _ status: FileStatus, _ identity: FileIdentity, _ name: String, in directory: HeldDirectory
  ) throws(UVError) {
    guard status.links == 0 else {
      self = .present
      return
    }
    // Some file systems do not count names: it is the name that decides then.
    switch try FileIdentity.look(at: name, in: directory) {
    case .file(identity, _): self = .present
    case .file, .missing, .other: self = .removed
    }
  }
}
