import UV

/// The numbers of the lines of a log: there for a log of which lines have been shown, in this life
/// of the daemon or in an earlier one. A log that no client has read has none.
///
/// A line has the number of the first line of its file (``Segment/first``) and as many more as
/// there are lines between. What happens to the files makes numbers skip where it must, and none is
/// ever given to two lines of one epoch.
final class LogNumbering {
  /// What the file beside the log says.
  private enum Stored {
    /// It is not there, or says nothing of this epoch.
    case missing
    /// It may say of lines that they are there, which are there no more: it is to be written before
    /// the next line is.
    case outdated
    /// It is right as long as no lines of the live file are shown beyond so many bytes; 0: none.
    case current(shown: Int)
  }

  /// How many files are known at the most. A program that renames the live file again and again
  /// (logrotate) leaves entries of files that are rotated ones no more.
  private static let mostEntries = 10_000

  /// Which numbering it is.
  let epoch: UInt32
  /// What the file beside the log is called.
  let name: String
  /// What the file says of the rotated files, the oldest one first.
  var older: [NumbersFile.Entry]
  private var stored: Stored

  /// Begins a numbering.
  init(_ baseName: String, older: [NumbersFile.Entry]) {
    epoch = .random(in: .min ... .max)
    name = NumbersFile.name(for: baseName)
    self.older = older
    stored = .missing
  }

  /// Goes on with one that was found beside the log.
  init(_ baseName: String, _ found: FoundNumbers) {
    epoch = found.epoch
    name = NumbersFile.name(for: baseName)
    older = found.older
    stored = .current(shown: found.isShown ? found.counted.bytes : 0)
  }

  /// What is written before the lines of the live file go, or are followed by those of another
  /// file: it begins with the next number. A file that is not there is not made for that.
  ///
  /// - Parameter file: the live file where it may become a rotated one: what is known of it is
  ///   written as well.
  func write(before live: Segment, _ file: OpenedFile? = nil) -> NumbersWrite {
    write(live, file, next: live.next, isWritten: isStored)
  }

  /// What is written before lines of the live file are shown.
  func write(showing live: Segment, _ file: OpenedFile?) -> NumbersWrite {
    // What has no lines cannot be known again by its last ones.
    guard live.size > 0 else { return write(live, nil, next: live.next, isWritten: true) }
    return write(live, file, next: nil, isWritten: true)
  }

  /// What is written when the log is closed.
  func write(closing live: Segment, _ file: OpenedFile) -> NumbersWrite {
    write(live, file, next: live.next, isWritten: true)
  }

  private func write(
    _ live: Segment, _ file: OpenedFile?, next: Int?, isWritten: Bool
  ) -> NumbersWrite {
    NumbersWrite(
      name: name, inode: live.identity.inode,
      numbers: NumbersFile(epoch: epoch, next: next, entries: older),
      live: file.flatMap { NumbersWrite.Live(live, $0) }, isWritten: isWritten)
  }

  private var isStored: Bool {
    if case .missing = stored { false } else { true }
  }

  /// Whether ``write(before:_:)`` is to be performed before the next line is written.
  var isOutdated: Bool {
    if case .outdated = stored { true } else { false }
  }

  /// Whether the file is to be written before lines of the live file are shown. The size that the
  /// file tells of is half of what has been shown at least: a file that has lost more than that is
  /// not taken for what it was.
  func isToBeWritten(showing live: Segment) -> Bool {
    switch stored {
    case .missing, .outdated: true
    case .current(let shown): 2 * shown < live.size
    }
  }

  /// Notes that the live file has lost lines that the file tells of.
  func outdate() { if isStored { stored = .outdated } }

  /// Notes what came of a write.
  ///
  /// - Parameters:
  ///   - isThere: whether the file is there.
  ///   - shown: how many bytes of the live file it allows to be shown.
  func wasWritten(_ isThere: Bool, shown: Int = 0) {
    stored = isThere ? .current(shown: shown) : .missing
  }

  /// Notes what came of a write of all files, the live one included, which may be a rotated one
  /// now.
  func liveFileWasReplaced(_ outcome: NumbersWrite.Outcome) {
    older = outcome.entries.suffix(Self.mostEntries)
    wasWritten(outcome.isThere)
  }

  /// Gives the files that were found beside the live one their numbers, as far as they are known.
  func number(_ rotated: [Segment]) {
    for segment in rotated where segment.first == nil {
      guard
        let entry = older.last(where: {
          $0.inode == segment.identity.inode && $0.count.bytes == segment.size
        })
      else { continue }
      segment.first = entry.first
      segment.note(entry.count)
    }
  }

  /// Whether the files have numbers in their order, each line its own.
  ///
  /// - Parameter segments: the oldest one first, all lines counted.
  static func fits(_ segments: [Segment]) -> Bool {
    var end = 1
    for segment in segments {
      guard let first = segment.first, let next = segment.next else {
        if segment.size == 0 { continue }
        return false
      }
      guard first >= end else { return false }
      end = next
    }
    return true
  }
}
