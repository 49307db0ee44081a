package import Supervision
package import UV

/// Keeps `run-state` true: a line appended at each start and end, the whole made anew when most of it is
/// about runs that ended, and when the file is not what was written: removed, renamed, cut off.
///
/// A disk that refuses a line holds up nothing: the marks of the runs find them without the file. The whole is written
/// as soon as the disk takes it.
package final class RunStateJournal {
  private let path: String
  private let bootID: String
  /// Names this supervisor in the marks of its runs.
  private let token: DaemonToken
  private let retryTimer: Timer
  /// Nil while it could not be made.
  private var file: AppendFile?
  private var runs: [UInt64: RunState.Run] = [:]
  private var lastNumber: UInt64 = 0
  private var lineCount = 0
  /// Why it is not written now; nil while it is.
  package private(set) var failure: UVError?
  /// Hears of the first of a row of failures, and of nil when the whole was written after them.
  package var onChange: ((UVError?) -> Void)?
  private static let retryInterval: Duration = .seconds(1)

  /// Starts a journal at `path` with nothing but these runs of an earlier supervisor in it.
  package init(
    path: String, bootID: String, token: DaemonToken, keeping old: [RunState.Run], on loop: Loop
  ) throws(UVError) {
    self.path = path
    self.bootID = bootID
    self.token = token
    retryTimer = try Timer(on: loop)
    for run in old {
      runs[run.number] = run
      lastNumber = max(lastNumber, run.number)
    }
    write(nil)
  }

  /// Notes that a run is about to begin. Returns its number, and what its child is to carry in its
  /// environment.
  package func intend(
    _ definition: ProcessDefinition
  ) -> (number: UInt64, marker: (name: String, value: String)) {
    lastNumber += 1
    return intend(
      RunState.Run(
        number: lastNumber, process: definition.id, marker: token.mark(lastNumber).text,
        stopSignal: definition.stopSignal, stopTimeout: definition.stopTimeout))
  }

  /// Notes that a hook or a probe of a process is about to begin. It is ended without being asked.
  func intendErrand(
    for process: String
  ) -> (number: UInt64, marker: (name: String, value: String)) {
    lastNumber += 1
    var run = RunState.Run(
      number: lastNumber, process: process, marker: token.mark(lastNumber, isErrand: true).text,
      stopSignal: .kill, stopTimeout: .zero)
    run.isErrand = true
    return intend(run)
  }

  private func intend(
    _ run: RunState.Run
  ) -> (number: UInt64, marker: (name: String, value: String)) {
    runs[run.number] = run
    write(run.intentLine)
    return (run.number, (RunState.markerName, run.marker))
  }

  /// Notes that a run has begun, so that a supervisor after a killed one finds it.
  /// - Parameter startTime: of the leader; nil where it could not be read: the mark finds it.
  package func began(_ number: UInt64, leader pid: Int32, startTime: UInt64?) {
    guard let startTime else { return }
    runs[number]?.leader = RunState.Run.Leader(pid: pid, startTime: startTime)
    if let line = runs[number]?.beginLine { write(line) }
  }

  /// Notes that nothing is left of a run, or that it could not begin.
  package func ended(_ number: UInt64) {
    guard runs.removeValue(forKey: number) != nil else { return }
    write(RunState.endLine(number))
  }

  /// Writes no more.
  package func close() {
    retryTimer.close()
    file?.close()
  }

  /// Appends a line; where that is not enough, and without one, all that is known is written. After a failure it is
  /// not tried again before the timer says so.
  private func write(_ line: String?) {
    guard !retryTimer.isActive else { return }
    do throws(UVError) {
      // After a failure the file may end in half a line: only a whole new one is sure.
      if let line, let file, failure == nil, lineCount <= 1000 + 4 * runs.count, file.isIntact {
        try file.append(Array(line.utf8))
        lineCount += 1
      } else {
        try rewrite()
      }
      guard failure != nil else { return }
      failure = nil
      onChange?(nil)
    } catch {
      retryTimer.start(after: Self.retryInterval) { [self] in write(nil) }
      guard failure == nil else { return }
      failure = error
      onChange?(error)
    }
  }

  private func rewrite() throws(UVError) {
    var text = RunState.header(bootID: bootID)
    for run in runs.values { text += run.intentLine + (run.beginLine ?? "") }
    try Files.createDirectories(Files.parent(of: path), mode: 0o750)
    // What cannot be replaced is moved aside, as it is at a start.
    for occupied in [path, "\(path).tmp"] where Files.isDirectory(occupied) {
      _ = try Files.moveAside(occupied)
    }
    if let file {
      try file.replaceContents(Array(text.utf8))
    } else {
      file = try AppendFile(path: path, mode: 0o600, contents: Array(text.utf8))
    }
    lineCount = 2 * runs.count
  }
}
