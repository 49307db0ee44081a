import Basics
import UV

extension LogFiles {
  /// The numbering, as long as the files are not another log's.
  var ownNumbering: LogNumbering? {
    guard numbering != nil, context.isOwner(ObjectIdentifier(self), of: path) else { return nil }
    return numbering
  }

  /// Notes that another program has emptied the live file or written to it.
  func liveFileWasChanged(toSize size: Int) {
    if size < live.segment.size { numbering?.outdate() }
    live.wasChanged(toSize: size)
  }

  /// Gives all lines their numbers, behind a look at the files: those that they have, or, where
  /// these do not go with the files, those of a new epoch.
  ///
  /// - Returns: the epoch; nil while some lines have not been counted, or if there never was one.
  func numberLines() -> UInt32? {
    numbering?.number(rotated.segments)
    let segments = segments
    guard segments.allSatisfy({ $0.lines != nil }) else { return nil }
    if let numbering, LogNumbering.fits(segments) { return numbering.epoch }
    guard segments.contains(where: { $0.size > 0 }) else { return nil }
    var first = 1
    for segment in segments {
      segment.first = first
      first = segment.next ?? first
    }
    let begun = LogNumbering(
      directory.baseName, older: rotated.segments.reversed().compactMap(NumbersFile.Entry.init))
    numbering = begun
    return begun.epoch
  }

  /// Writes what a later start must know before lines of the log are shown with their numbers, if
  /// it has not been written. What cannot be written is no reason not to show them: that start
  /// begins a new epoch.
  func writeNumbers(then: @escaping () -> Void) {
    let segment = live.segment
    guard let numbering = ownNumbering, numbering.isToBeWritten(showing: segment) else {
      return then()
    }
    let numbers = numbering.write(showing: segment, live.open?.file.opened)
    directory.run(makes: false) { directory throws(UVError) in
      numbers.perform(in: directory)
    } then: { result in
      // Without a directory there is no file.
      let outcome = try? result.get()
      numbering.wasWritten(outcome?.isThere ?? false, shown: segment.size)
      then()
    }
  }

  /// The newest line that is known, also if it has been cleared; nil if the lines have no numbers.
  var newest: LogCursor? {
    guard let epoch = numbering?.epoch, let next = live.segment.next else { return nil }
    return LogCursor(epoch: epoch, number: next - 1)
  }

  /// Why lines up to one are not in the log.
  func reason(ofGapTo number: Int) -> LogGap.Reason {
    if number <= clearedNumber { return .cleared }
    let oldest = segments.first { $0.size > 0 }?.first
    return oldest.map { number < $0 } == false ? .dropped : .rotated
  }
}
