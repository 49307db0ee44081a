package import Basics

/// What `run-state` says: the runs that were alive, or about to begin, when it was last written. If
/// the supervisor is killed, the next one finds in it what was left behind.
///
/// A line a fact, appended as it becomes one: `exeio-run-state 2 BOOT` first,
/// `? N SIGNAL MS MARK ID` when run N is about to begin, `+ N PID START` when it has, `- N` when it
/// has ended or could not begin. A hook or a probe has a `!` in the place of the `?`. START is the
/// start time in clock ticks since the boot, which with the boot's id tells the process from a
/// later one of the same pid. A child carries `EXEIO_RUN=MARK` in its environment: a run that
/// began, but was killed together with its supervisor's chance to say so, is found by that.
package struct RunState: Equatable {
  /// By number.
  package var runs: [UInt64: Run] = [:]
  /// The variable that carries the mark.
  package static let markerName = "EXEIO_RUN"

  /// One run, and how it is to be ended.
  package struct Run: Equatable {
    package var number: UInt64
    package var process: String
    /// What its child carries in its environment; no other run has it.
    package var marker: String
    package var stopSignal: Signal
    package var stopTimeout: Duration
    /// Nil while it is about to begin.
    package var leader: Leader?
    /// Whether it is no run but a hook or a probe of its process.
    package var isHelper = false

    /// The leader of a session, told from a later process of its pid by its start.
    package struct Leader: Equatable {
      package var pid: Int32
      /// In clock ticks since the boot.
      package var startTime: UInt64

      package init(pid: Int32, startTime: UInt64) {
        self.pid = pid
        self.startTime = startTime
      }
    }

    package init(
      number: UInt64, process: String, marker: String, stopSignal: Signal, stopTimeout: Duration,
      leader: Leader? = nil
    ) {
      self.number = number
      self.process = process
      self.marker = marker
      self.stopSignal = stopSignal
      self.stopTimeout = stopTimeout
      self.leader = leader
    }

    /// The line that says it is about to begin.
    package var intentLine: String {
      "\(isHelper ? "!" : "?") \(number) \(stopSignal.number) \(stopTimeout.milliseconds) \(marker) \(process)\n"
    }

    /// The line that says it has begun.
    package var beginLine: String? {
      leader.map { "+ \(number) \($0.pid) \($0.startTime)\n" }
    }
  }

  /// The first line.
  package static func header(bootID: String) -> String { "exeio-run-state 2 \(bootID)\n" }

  /// The line that says that nothing is left of a run, or that it could not begin.
  package static func endLine(_ number: UInt64) -> String { "- \(number)\n" }

  private static let largestNumber = UInt64(Int64.max)

  /// Reads the file's bytes. What another boot left is gone; a line cut off by a crash says
  /// nothing.
  package init(_ bytes: [UInt8], bootID: String) {
    var lines = String(decoding: bytes, as: UTF8.self)
      .split(separator: "\n", omittingEmptySubsequences: false)[...]
    guard let first = lines.popFirst(), first + "\n" == Self.header(bootID: bootID) else { return }
    // What follows the last newline is empty, or a line that was never finished.
    for line in lines.dropLast() { read(line.split(separator: " ")) }
  }

  private mutating func read(_ fields: [Substring]) {
    // One that leaves no room for those after it was given by no supervisor.
    guard fields.count >= 2, let number = UInt64(fields[1]), number <= Self.largestNumber else {
      return
    }
    switch (fields[0], fields.count) {
    case ("?", 6), ("!", 6):
      guard let signal = Int32(fields[2]), (1...64).contains(signal),
        let timeout = Int64(fields[3]), timeout >= 0
      else { return }
      runs[number] = Run(
        number: number, process: String(fields[5]), marker: String(fields[4]),
        stopSignal: Signal(number: signal), stopTimeout: .milliseconds(timeout))
      runs[number]?.isHelper = fields[0] == "!"
    case ("+", 4):
      guard let pid = Int32(fields[2]), pid > 1, let start = UInt64(fields[3]) else { return }
      runs[number]?.leader = Run.Leader(pid: pid, startTime: start)
    case ("-", 2):
      runs[number] = nil
    default:
      return
    }
  }
}
