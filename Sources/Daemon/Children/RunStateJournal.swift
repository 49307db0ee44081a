import Supervision
import UV

/// Keeps `run-state` true: a line appended at each start and end, the whole made anew when most of it is
/// about runs that ended.
final class RunStateJournal {
  private let file: AppendFile
  private let bootID: String
  /// Names this supervisor in the marks of its runs.
  private let token: String
  private var runs: [UInt64: RunState.Run] = [:]
  private var lastNumber: UInt64 = 0
  private var lineCount = 0
  /// Called once for each row of failures: the disk refused a line.
  var onFailure: ((UVError) -> Void)?
  /// While the disk refuses: when it is tried again, on the monotonic clock. The whole is written then.
  private var retryAt: Duration?
  private static let retryInterval: Duration = .seconds(1)

  /// Starts a journal at `path` with nothing but these runs of an earlier supervisor in it.
  /// Throws where it cannot be written.
  init(path: String, bootID: String, keeping old: [RunState.Run]) throws(UVError) {
    file = try AppendFile(path: path, mode: 0o600)
    self.bootID = bootID
    let digits = Array("0123456789abcdef")
    token = String(try SystemProcess.randomBytes(8).map { digits[Int($0 & 15)] })
    for run in old {
      runs[run.number] = run
      lastNumber = max(lastNumber, run.number)
    }
    try rewrite()
  }

  /// Notes that a run is about to begin. Returns its number, and what its child is to carry in its
  /// environment.
  func intend(
    _ definition: ProcessDefinition
  ) -> (number: UInt64, marker: (name: String, value: String)) {
    lastNumber += 1
    return intend(
      RunState.Run(
        number: lastNumber, process: definition.id, marker: "\(token).\(lastNumber)",
        stopSignal: definition.stopSignal, stopTimeout: definition.stopTimeout))
  }

  /// Notes that a hook or a probe of a process is about to begin. It is ended without being asked.
  func intendErrand(
    for process: String
  ) -> (number: UInt64, marker: (name: String, value: String)) {
    lastNumber += 1
    var run = RunState.Run(
      number: lastNumber, process: process, marker: "\(token).\(lastNumber)", stopSignal: .kill,
      stopTimeout: .zero)
    run.isErrand = true
    return intend(run)
  }

  private func intend(
    _ run: RunState.Run
  ) -> (number: UInt64, marker: (name: String, value: String)) {
    runs[run.number] = run
    append(run.intentLine)
    return (run.number, (RunState.markerName, run.marker))
  }

  /// Notes that a run has begun, so that a supervisor after a killed one finds it.
  func began(_ number: UInt64, leader pid: Int32) {
    // Nil only if it has already ended and been reaped, which cannot be before its exit was seen here.
    guard let startTime = SystemProcess.startTime(of: pid) else { return }
    runs[number]?.leader = RunState.Run.Leader(pid: pid, startTime: startTime)
    if let line = runs[number]?.beginLine { append(line) }
  }

  /// Notes that nothing is left of a run, or that it could not begin.
  func ended(_ number: UInt64) {
    guard runs.removeValue(forKey: number) != nil else { return }
    append(RunState.endLine(number))
  }

  func close() {
    file.close()
  }

  private func append(_ line: String) {
    let now = SystemProcess.monotonicClock
    if let retryAt, now < retryAt { return }
    do throws(UVError) {
      // After a failure the file may end in half a line: only a whole new one is sure.
      if retryAt != nil || lineCount > 1000 + 4 * runs.count {
        try rewrite()
      } else {
        try file.append(Array(line.utf8))
        lineCount += 1
      }
      retryAt = nil
    } catch {
      if retryAt == nil { onFailure?(error) }
      retryAt = now + Self.retryInterval
    }
  }

  private func rewrite() throws(UVError) {
    var text = RunState.header(bootID: bootID)
    for run in runs.values { text += run.intentLine + (run.beginLine ?? "") }
    try file.replaceContents(Array(text.utf8))
    lineCount = 2 * runs.count
  }
}
