import UV

/// The numbers that a log goes on with when its live file is opened.
struct FoundNumbers: Sendable {
  /// What a file may have at most: far more than entries of as many files as are ever kept.
  private static let limit = 1024 * 1024

  let epoch: UInt32
  /// Of the first line of the live file, whether it has one already.
  let first: Int
  /// The lines of it that need not be counted.
  let counted: LineCount
  /// What is known of the rotated files, the oldest one first.
  let older: [NumbersFile.Entry]
  /// Whether lines of the live file may have been shown since the file was written.
  let isShown: Bool

  /// Looks for the numbers of a log, on a thread of the pool. A file that cannot be used is
  /// removed: the next one begins a new epoch.
  ///
  /// - Parameters:
  ///   - baseName: the name of the live file.
  ///   - file: the live file, open, with its status.
  static func find(
    _ baseName: String, of file: OpenedFile, _ status: FileStatus, in directory: HeldDirectory
  ) -> FoundNumbers? {
    let name = NumbersFile.name(for: baseName)
    do throws(UVError) {
      guard let bytes = try directory.contents(of: name, limit: limit) else { return nil }
      if let numbers = NumbersFile(bytes), let found = FoundNumbers(numbers, file, status) {
        return found
      }
    } catch {
      // What cannot be read is as good as lost.
    }
    directory.discard(numbers: name)
    return nil
  }

  /// What the file says of a live file; nil if the numbers that its lines were shown with are not
  /// known.
  private init?(_ numbers: NumbersFile, _ file: OpenedFile, _ status: FileStatus) {
    epoch = numbers.epoch
    isShown = numbers.next == nil
    if let entry = numbers.entries.last, entry.inode == status.inode,
      Int(status.size) >= entry.count.bytes,
      entry.matches(file)
    {
      first = entry.first
      counted = entry.count
      older = numbers.entries.dropLast()
    } else if let next = numbers.next {
      first = next
      counted = LineCount()
      older = numbers.entries.filter { $0.inode != status.inode }
    } else {
      return nil
    }
  }
}

extension HeldDirectory {
  /// Takes a file of numbers away that is not right any more. Where the directory may not be
  /// written to, it is emptied.
  func discard(numbers name: String) {
    do throws(UVError) {
      try unlink(name)
    } catch {
      guard error.code != .noSuchFileOrDirectory else { return }
      // Without the right to do that either, there was none to write it.
      guard let file = try? open(name, .write) else { return }
      // The same.
      try? file.truncate(to: 0)
      file.close()
    }
  }
}
