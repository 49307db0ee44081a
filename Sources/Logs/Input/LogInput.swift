/// The way of one stream of a child into its log: cuts bytes into lines and stamps them.
///
/// A line ends with `\n`; a `\r` before it is dropped. A line over 64 KiB becomes several, an
/// empty one stays. How the bytes are cut into calls makes no difference to what is written.
package final class LogInput {
  private let log: Log
  private let stream: LogStream
  private let run: Int?
  private var carry = Carry()

  init(_ log: Log, _ stream: LogStream, run: Int?) {
    precondition(stream != .system, "the supervisor's own lines come by Log.system(_:)")
    self.log = log
    self.stream = stream
    self.run = run
  }

  /// Takes bytes that the child has written.
  package func write(_ bytes: RawSpan) {
    bytes.withUnsafeBytes { bytes in
      guard let start = bytes.baseAddress, !bytes.isEmpty else { return }
      var cutter = LineCutter(log, prefix(), start, bytes.count)
      if carry.count > 0 { goOnWithCarriedLine(&cutter) }
      cutter.putWholeLines()
      if cutter.left > 0 { carry.append(cutter.at, cutter.left) }
      log.putDown(cutter.pen)
    }
  }

  /// Says that nothing more comes: a last line without `\n` is kept.
  package func end() {
    guard let start = carry.start else { return }
    var cutter = LineCutter(log, prefix(), start, carry.count)
    cutter.putLine(start, carry.count)
    log.putDown(cutter.pen)
    carry.drop(carry.count)
  }

  private func prefix() -> LinePrefix {
    var prefix = log.context.stamp()
    prefix.append(stream: stream, run: run)
    return prefix
  }

  /// Takes bytes for the line whose beginning came earlier, until it ends or they do.
  private func goOnWithCarriedLine(_ cutter: inout LineCutter) {
    while cutter.left > 0 {
      let limit = min(cutter.left, LineCutter.certainlyTooLong - carry.count)
      let newline = Newlines.first(cutter.at, limit)
      let length = newline ?? limit
      if length > 0 { carry.append(cutter.at, length) }
      cutter.skip(length)
      guard let start = carry.start else { return }
      if newline != nil {
        cutter.skip(1)
        cutter.putEndedLine(start, carry.count)
        return carry.drop(carry.count)
      }
      if LineCutter.mustBeCut(start, carry.count) {
        cutter.put(start, LineCutter.longestLine)
        carry.drop(LineCutter.longestLine)
      }
    }
  }
}
