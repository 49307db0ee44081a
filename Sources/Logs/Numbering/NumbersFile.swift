/// What stands beside the files of a log about the numbers of its lines, so that these go on when
/// the log is opened again.
///
/// Each entry tells of a file as it was; what has been written to the live file since then has the
/// numbers behind. The file is written before lines go or get another file, never for a line, so
/// that a crash at any moment leaves numbers that skip, and none that two lines get.
struct NumbersFile: Equatable, Sendable {
  /// A file of the log.
  struct Entry: Equatable, Sendable {
    /// By which the file is known under each of its names. The number of its device is no help:
    /// some file systems get another one with each mount.
    let inode: UInt64
    /// The number of its first line.
    let first: Int
    /// Of its first bytes: of all of them, but for a live file that is written to.
    let count: LineCount
    /// Tells a file of that inode whose bytes have been replaced, see
    /// ``NumbersFile/check(_:_:waits:)``; nil if the writer would have had to wait for it.
    let check: UInt64?

    /// Of a rotated file of which all lines have been counted; nil of another one.
    init?(_ segment: Segment) {
      guard let first = segment.first, let count = segment.tally.whole else { return nil }
      self.init(inode: segment.identity.inode, first: first, count: count, check: nil)
    }

    init(inode: UInt64, first: Int, count: LineCount, check: UInt64?) {
      self.inode = inode
      self.first = first
      self.count = count
      self.check = check
    }

    /// The number behind that of the last line counted.
    var next: Int { first + count.lines }
  }

  /// Which numbering it is, at random: a number means something beside its epoch alone.
  let epoch: UInt32
  /// No line has been shown with this number or a larger one since the file was written. Nil where
  /// lines of the live file may have been, beyond those that its entry counts.
  var next: Int?
  /// The oldest file first. The last one may be the live file, all others are rotated ones.
  var entries: [Entry]

  /// The name of the file, beside the live file of that name.
  static func name(for baseName: String) -> String { "\(baseName).numbers" }
}
