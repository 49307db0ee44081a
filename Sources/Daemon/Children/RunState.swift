import Supervision
import UV

/// What `run-state` says: the runs that were alive when it was last written. If the supervisor is killed,
/// the next one finds in it what was left behind.
///
/// A line a fact, appended as it becomes one: `exeio-run-state 1 BOOT-ID` first, `+ PID START SIGNAL MS ID`
/// for a run, `- PID` for its end. START is the start time in clock ticks since the boot, which with the
/// boot id tells the process from a later one of the same pid.
struct RunState: Equatable {
  var runs: [Int32: Run] = [:]

  struct Run: Equatable {
    var pid: Int32
    var startTime: UInt64
    var stopSignal: Signal
    var stopTimeout: Duration
    var process: String

    /// The line that says the run began.
    var line: String {
      let milliseconds =
        stopTimeout.components.seconds * 1000
        + stopTimeout.components.attoseconds / 1_000_000_000_000_000
      return "+ \(pid) \(startTime) \(stopSignal.number) \(milliseconds) \(process)\n"
    }
  }

  static func header(bootID: String) -> String { "exeio-run-state 1 \(bootID)\n" }

  static func endLine(pid: Int32) -> String { "- \(pid)\n" }

  /// Reads the file's bytes. What another boot left is gone; a line cut off by a crash says nothing.
  init(_ bytes: [UInt8], bootID: String) {
    var lines = String(decoding: bytes, as: UTF8.self)
      .split(separator: "\n", omittingEmptySubsequences: false)[...]
    guard let first = lines.popFirst(), first + "\n" == Self.header(bootID: bootID) else { return }
    // What follows the last newline is empty, or a line that was never finished.
    lines = lines.dropLast()
    for line in lines {
      let fields = line.split(separator: " ")
      if fields.count == 2, fields[0] == "-", let pid = Int32(fields[1]) {
        runs[pid] = nil
      } else if fields.count == 6, fields[0] == "+", let pid = Int32(fields[1]), pid > 1,
        let start = UInt64(fields[2]), let signal = Int32(fields[3]), (1...64).contains(signal),
        let timeout = Int64(fields[4]), timeout >= 0
      {
        runs[pid] = Run(
          pid: pid, startTime: start, stopSignal: Signal(number: signal),
          stopTimeout: .milliseconds(timeout), process: String(fields[5]))
      }
    }
  }
}
