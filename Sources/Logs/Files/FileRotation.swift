import Glibc
import UV

/// One rotation of the files of a log, as a thread of the pool performs it.
struct FileRotation: Sendable {
  /// What came of it.
  struct Outcome: Sendable {
    var end: End
    /// What was seen of the rotated files before.
    var survey: RotatedFiles.Survey?
    /// The file that was replaced, which is held open so that its room is given back later.
    var oldest: OpenedFile?
    /// What came of the write of the numbers, if lines have some.
    var numbers: NumbersWrite.Outcome?
    /// The lines of the live file that have been counted for it.
    var counted: LineCount?
  }

  enum End: Sendable {
    /// Another program has cut the live file, which has this size.
    case notDue(size: Int)
    /// The live file has no name any more.
    case removed
    case failed(UVError)
    /// No rotated files are kept.
    case emptied
    case opened(OpenedLogFile)
  }

  let file: OpenedFile
  /// From which size on it is due.
  let size: Int
  let survey: RotatedFiles
  /// Whether the file that is replaced is held open: its room is then given back when it is closed,
  /// and not within the renaming that the writer waits for. Measured: 20 ms for 50 MiB.
  let holdsOldest: Bool
  /// What is written about the numbers of lines before; nil if they have none.
  let numbers: NumbersWrite?

  func perform(in directory: HeldDirectory) -> Outcome {
    var outcome = Outcome(end: .emptied)
    do throws(UVError) {
      let status = try file.status()
      if try LiveFileName(status, survey.live, survey.baseName, in: directory) == .removed {
        outcome.end = .removed
        return outcome
      }
      guard Int(status.size) >= size else {
        outcome.end = .notDue(size: Int(status.size))
        return outcome
      }
      let seen = try survey.look(in: directory, isListed: true)
      outcome.survey = seen
      writeNumbers(&outcome, seen, like: status, in: directory)
      let surplus = seen.files.map(\.number).filter { $0 > survey.kept }
      try survey.remove(surplus.reversed(), in: directory)
      guard survey.kept > 0 else {
        try file.truncate(to: 0)
        return outcome
      }
      outcome.end = .opened(try makeRoom(seen, like: status, &outcome.oldest, in: directory))
    } catch {
      outcome.end = .failed(error)
    }
    return outcome
  }

  /// Says with which number the next file begins, before the live file gets another name: if this
  /// process is killed at any step after it, the next one knows it.
  private func writeNumbers(
    _ outcome: inout Outcome, _ seen: RotatedFiles.Survey, like status: FileStatus,
    in directory: HeldDirectory
  ) {
    guard var numbers else { return }
    numbers.live?.complete()
    outcome.counted = numbers.live?.tally.counted
    numbers.numbers.next = numbers.live?.next
    numbers.numbers.entries.removeAll { entry in
      !seen.files.contains {
        $0.identity.inode == entry.inode && $0.size == entry.count.bytes
      }
    }
    // Where no rotated files are kept, its lines are about to go.
    if survey.kept == 0 { numbers.live = nil }
    outcome.numbers = numbers.perform(like: status, in: directory)
  }

  private func name(_ number: Int) -> String { survey.name(number) }

  /// Gives the next number to each file from `.1` on, up to the first number that is missing; the
  /// last number that is kept is replaced.
  private func makeRoom(
    _ seen: RotatedFiles.Survey, like status: FileStatus, _ oldest: inout OpenedFile?,
    in directory: HeldDirectory
  ) throws(UVError) -> OpenedLogFile {
    let numbers = Set(seen.files.map(\.number))
    var last = 0
    while last < survey.kept, numbers.contains(last + 1) { last += 1 }
    let highest = min(last, survey.kept - 1)
    if last == survey.kept, holdsOldest {
      // Without it, it is replaced all the same, and the writer waits.
      oldest = try? directory.open(name(survey.kept), .read)
    }
    var number = highest
    do throws(UVError) {
      while number >= 0 {
        try shift(number, in: directory)
        number -= 1
      }
      return try OpenedLogFile.open(survey.baseName, in: directory, like: status)
    } catch {
      // As far as that goes: what cannot be renamed back is found under its new name.
      for number in stride(from: number + 1, through: highest, by: 1) {
        try? directory.rename(name(number + 1), to: name(number))
      }
      throw error
    }
  }

  private func shift(_ number: Int, in directory: HeldDirectory) throws(UVError) {
    do throws(UVError) {
      try directory.rename(name(number), to: name(number + 1))
    } catch {
      guard error.code == .noSuchFileOrDirectory else { throw error }
    }
  }
}
