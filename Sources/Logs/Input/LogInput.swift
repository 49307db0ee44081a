import Basics
import UV

/// The way of one stream of a child into its log: cuts bytes into lines and stamps them.
///
/// A line ends with `\n`; a `\r` before it is dropped. A line over 64 KiB becomes several, an
/// empty one stays. How the bytes are cut into calls makes no difference to what is written.
package final class LogInput {
  private let writer: LogWriter
  private let inputs: LogInputs
  private let stream: LogStream
  private let run: Int?
  private var remainder = LineRemainder()
  /// When the line began whose end has not come yet, on the loop's clock.
  private var carriedSince = Duration.zero
  /// What that line would begin with in the file, had it ended when it began.
  private var carriedPrefix = LinePrefix()
  private var tail = LineTail()

  init(_ writer: LogWriter, _ inputs: LogInputs, _ stream: LogStream, run: Int?) {
    precondition(stream != .system, "the supervisor's own lines come by Log.system(_:)")
    self.writer = writer
    self.inputs = inputs
    self.stream = stream
    self.run = run
  }

  deinit {
    inputs.forget(ObjectIdentifier(self))
  }

  /// Takes bytes that the child has written.
  package func write(_ bytes: RawSpan) {
    bytes.withUnsafeBytes { bytes in
      guard let start = bytes.baseAddress, !bytes.isEmpty else { return }
      let prefix = prefix()
      var splitter = LineSplitter(writer, prefix, start, bytes.count)
      if remainder.count > 0 { goOnWithCarriedLine(&splitter) }
      let first = splitter.at
      splitter.putWholeLines()
      if stream == .stderr { tail.note(first, splitter.at - first) }
      if splitter.left > 0 {
        if remainder.count == 0 {
          carriedSince = writer.context.loop.now
          carriedPrefix = prefix
        }
        remainder.append(splitter.at, splitter.left)
      }
      writer.commit(splitter.lineCursor)
    }
  }

  /// Says that nothing more comes: a last line without `\n` is kept.
  package func end() {
    guard let start = remainder.start else { return }
    var splitter = LineSplitter(writer, prefix(), start, remainder.count)
    splitter.putLine(start, remainder.count)
    if stream == .stderr { tail.note(start, remainder.count) }
    writer.commit(splitter.lineCursor)
    remainder.drop(remainder.count)
  }

  /// The last line that has come and is not blank, in short and without control characters; nil
  /// if there is none, and for standard output, of which none is kept.
  package var lastLine: String? { tail.text }

  /// The line whose end has not come yet, if it began half a second ago or earlier: a prompt for
  /// instance. Of one that overwrites itself, as progress bars do, it is the latest state.
  var partialLine: PartialLine? {
    guard let start = remainder.start, writer.context.loop.now - carriedSince >= Self.patience
    else { return nil }
    let bytes = UnsafeRawBufferPointer(start: start, count: remainder.count)
    let shown = bytes[..<(bytes.lastIndex { $0 != UInt8(ascii: "\r") }.map { $0 + 1 } ?? 0)]
    let state = shown[(shown.lastIndex(of: UInt8(ascii: "\r")).map { $0 + 1 } ?? 0)...]
    guard !state.isEmpty else { return nil }
    return PartialLine(
      stream: stream, prefix: carriedPrefix.array,
      text: Array(state.prefix(LineSplitter.longestLine)))
  }

  /// How long a line may lack its end before it is shown without it.
  private static let patience = Duration.milliseconds(500)

  private func prefix() -> LinePrefix {
    var prefix = writer.context.stamp()
    prefix.append(stream: stream, run: run)
    return prefix
  }

  /// Takes bytes for the line whose beginning came earlier, until it ends or they do.
  private func goOnWithCarriedLine(_ splitter: inout LineSplitter) {
    while splitter.left > 0 {
      let limit = min(splitter.left, LineSplitter.certainlyTooLong - remainder.count)
      let newline = Newlines.first(splitter.at, limit)
      let length = newline ?? limit
      if length > 0 { remainder.append(splitter.at, length) }
      splitter.skip(length)
      guard let start = remainder.start else { return }
      if newline != nil {
        splitter.skip(1)
        splitter.putEndedLine(start, remainder.count)
        if stream == .stderr { tail.note(start, remainder.count) }
        return remainder.drop(remainder.count)
      }
      if LineSplitter.mustBeCut(start, remainder.count) {
        splitter.put(start, LineSplitter.longestLine)
        remainder.drop(LineSplitter.longestLine)
      }
    }
  }
}
