import Basics

/// The streams of runs that may have a line without its end.
final class LogInputs {
  private var entries: [Entry] = []

  private struct Entry {
    let id: ObjectIdentifier
    /// One that goes takes its entry out. A weak reference would make each use of it dearer.
    unowned let input: LogInput
  }

  /// The way into a log for one stream of a run.
  func make(_ writer: LogWriter, _ stream: LogStream, run: Int?) -> LogInput {
    let input = LogInput(writer, self, stream, run: run)
    entries.append(Entry(id: ObjectIdentifier(input), input: input))
    return input
  }

  /// Forgets an input that is there no longer.
  func forget(_ id: ObjectIdentifier) {
    entries.removeAll { $0.id == id }
  }

  /// The lines whose ends have not come yet.
  var partialLines: [PartialLine] { entries.compactMap(\.input.partialLine) }
}
