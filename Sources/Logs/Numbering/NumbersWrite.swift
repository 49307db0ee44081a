import UV

/// What is to be written about the numbers of a log, by a thread of the pool.
struct NumbersWrite: Sendable {
  /// The live file, of which an entry is written.
  struct Live: Sendable {
    let file: OpenedFile
    let first: Int
    private(set) var tally: LineTally

    init?(_ segment: Segment, _ file: OpenedFile) {
      guard let first = segment.first else { return nil }
      self.file = file
      self.first = first
      tally = segment.tally
    }

    /// The number of the first line behind it.
    var next: Int { first + tally.mostLines }

    /// Counts what has not been counted.
    mutating func complete() {
      let counted = NumbersFile.count(file, from: tally.counted, upTo: tally.unscanned)
      if let counted { tally.counted = counted }
    }
  }

  /// The name of the file.
  let name: String
  /// Of the live file.
  let inode: UInt64
  /// What it is to say, without the live file.
  var numbers: NumbersFile
  /// What it is to say of the live file; nil: nothing, so that this one begins with the next
  /// number.
  var live: Live?
  /// Whether the file is written. Without it, it is only found out what it would say.
  let isWritten: Bool

  /// What came of it.
  struct Outcome: Sendable {
    /// What is known of all files, the live one last if it was to be told of.
    let entries: [NumbersFile.Entry]
    /// Whether the file of numbers is there.
    let isThere: Bool
  }

  /// Replaces the file. Where that fails, none is left: wrong numbers would be worse.
  ///
  /// - Parameter model: the live file, whose owner, group and mode it gets.
  func perform(like model: FileStatus?, in directory: HeldDirectory) -> Outcome {
    var numbers = numbers
    // What an entry says of the live file itself is not true any more.
    numbers.entries.removeAll { $0.inode == inode }
    if let live {
      let count = live.tally.known
      if let model, Int(model.size) < live.tally.size {
        // Another program has cut it meanwhile.
        numbers.next = live.next
      } else {
        let check = NumbersFile.check(live.file, count.bytes, waits: false)
        numbers.entries.append(
          NumbersFile.Entry(inode: inode, first: live.first, count: count, check: check))
      }
    }
    guard isWritten else { return Outcome(entries: numbers.entries, isThere: false) }
    do throws(UVError) {
      try directory.replace(name, with: Array(numbers.text.utf8), like: model)
      return Outcome(entries: numbers.entries, isThere: true)
    } catch {
      directory.discard(numbers: name)
      return Outcome(entries: numbers.entries, isThere: false)
    }
  }

  /// Does the same; the file gets owner, group and mode of the live file.
  func perform(in directory: HeldDirectory) -> Outcome {
    // Without a look at the live file, the file is for this user alone.
    perform(like: try? live?.file.status(), in: directory)
  }
}
