import UV

/// Whole lines that are appended to the live file, as a thread of the pool does it: with a look at
/// the file before, in one round trip.
struct LineAppend: Sendable {
  enum Outcome: Sendable {
    /// The file has no name any more: nothing was written.
    case removed
    case done(Done)
  }

  struct Done: Sendable {
    /// The size that the file had, where another program has emptied it or written to it.
    var foundSize: Int?
    /// Whether the file of numbers is there, where it was to be written.
    var areNumbersWritten: Bool?
    /// Whether a last line without its end has got one.
    var endsTornLine = false
    /// Whether the file was known to end with a newline before the lines came.
    var isWhole = false
    /// How many bytes of the lines are in the file.
    var count = 0
    /// Why not all are.
    var error: UVError?
  }

  let lines: ByteBuffer.Piece
  let file: OpenedFile
  let name: String
  let identity: FileIdentity
  /// What the file has as far as is known.
  let size: Int
  /// Whether a program that was killed may have left the last line without its end.
  let mayEndTorn: Bool
  /// Whether the file has just been made because the last one was removed.
  let isReplaced: Bool
  /// What is written about numbers where another program has cut the file; nil if lines have none.
  let numbers: NumbersWrite?
  /// Whether it is to be written in any case.
  let areOutdated: Bool

  func perform(in directory: HeldDirectory) -> Outcome {
    var done = Done()
    var size = size
    do throws(UVError) {
      let status = try file.status()
      if !isReplaced, try LiveFileName(status, identity, name, in: directory) == .removed {
        return .removed
      }
      if let numbers, areOutdated || Int(status.size) < size {
        done.areNumbersWritten = numbers.perform(like: status, in: directory).isThere
      }
      if Int(status.size) != size {
        size = Int(status.size)
        done.foundSize = size
      }
    } catch {
      // On a network file system, the file may have been removed by another machine. Any other file
      // that cannot be looked at cannot be written to either: the write will tell.
      if error.code == .staleFileHandle { return .removed }
    }
    // A byte that cannot be read is taken for a torn line: an empty line does less harm than two
    // that have become one.
    if mayEndTorn || done.foundSize != nil, size > 0, file.byte(at: size - 1) != Newlines.byte {
      do throws(UVError) {
        try file.append(Newlines.byte)
        done.endsTornLine = true
      } catch {
        done.error = error
        return .done(done)
      }
    }
    done.isWhole = true
    (done.count, done.error) = file.append(lines)
    return .done(done)
  }
}
