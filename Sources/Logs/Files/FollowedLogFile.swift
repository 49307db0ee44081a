import UV

/// What a thread of the pool has opened because a name stands for another file now.
struct FollowedLogFile: Sendable {
  let opened: OpenedLogFile
  /// What came of the write of the numbers, if lines have some.
  private(set) var numbers: NumbersWrite.Outcome?

  /// Opens what a name stands for now, or makes it; nil if it is still that file.
  ///
  /// - Parameter wanted: what is written about numbers before.
  init?(
    _ name: String, from identity: FileIdentity, writing wanted: NumbersWrite?,
    in directory: HeldDirectory
  ) throws(UVError) {
    if case .file(identity, _) = try FileIdentity.look(at: name, in: directory) { return nil }
    numbers = wanted?.perform(in: directory)
    let file = try OpenedLogFile.open(name, in: directory)
    opened = wanted == nil ? file.findingNumbers(in: directory, of: name) : file
  }
}
