import UV

/// What a thread of the pool has seen of a log's files.
struct FileLook: Sendable {
  private(set) var live: FileStatus?
  /// Whether the live file has no name any more.
  private(set) var isRemoved = false
  /// How many bytes of a page have been read in passing.
  private(set) var readAhead = 0
  private(set) var rotated = RotatedFiles.Survey()

  /// Looks at the files, on a thread of the pool.
  ///
  /// - Parameters:
  ///   - file: the live file; nil if there is none.
  ///   - wanted: what is read of it in passing.
  init(
    _ file: OpenedFile?, _ plan: RotatedFiles, reading wanted: ReadAhead.Wanted?,
    in directory: HeldDirectory
  ) throws(UVError) {
    if let file {
      noteLiveFile(file, plan, in: directory)
      if let wanted { readAhead = file.readCached(into: wanted.piece, at: wanted.offset) }
    }
    // Where the directory cannot be listed, the numbers that are kept are looked for all the same.
    rotated = try plan.look(in: directory, isListed: false)
  }

  /// Notes how the live file is: without its status, what was written here is what there is to be
  /// read. On a network file system, another machine may have removed it. Any other file that
  /// cannot be looked at cannot be written to either: the write will tell.
  private mutating func noteLiveFile(
    _ file: OpenedFile, _ plan: RotatedFiles, in directory: HeldDirectory
  ) {
    do throws(UVError) {
      let status = try file.status()
      live = status
      isRemoved = try LiveFileName(status, plan.live, plan.baseName, in: directory) == .removed
    } catch {
      isRemoved = error.code == .staleFileHandle
    }
  }
}
