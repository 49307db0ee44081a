import Basics
package import Supervision
package import UV

/// Keeps `run-state` true: a line appended at each start and end, the whole rewritten when most of
/// it is about runs that ended, and when the file is not what was written: removed, renamed, cut
/// off.
///
/// The file is written on the pool, one write after the other, so that lines keep their order; what
/// is noted meanwhile goes with the next write. No start waits for a line: a child carries the mark
/// of its run from its first instruction on, and a later daemon finds it by that, whether the line
/// was written or not. So a disk that refuses a line, or hangs, holds up nothing. The whole is
/// written as soon as the disk takes it. For the same reason the line of an intent waits a moment
/// for that of the beginning, or of the end: most starts take one write.
package final class RunStateJournal {
  private let path: String
  private let bootID: String
  /// Names this supervisor in the marks of its runs.
  private let token: DaemonToken
  private let loop: Loop
  private let retryTimer: Timer
  /// Runs while nothing is noted but intents that no write has taken.
  private let intentTimer: Timer
  private let intentDelay: Duration
  /// Nil while it could not be made, and while the pool has it.
  private var file: AppendFile?
  private var runs: [UInt64: RunState.Run] = [:]
  private var lastNumber: UInt64 = 0
  /// How many lines are in the file.
  private var lineCount = 0
  /// Those that no write has taken yet.
  private var pending: [String] = []
  /// Whether the next write is of all that is known.
  private var isWholeWanted = true
  private var isWriting = false
  private var isWritePostponed = false
  private var isClosing = false
  /// Why it is not written now; nil while it is.
  package private(set) var failure: UVError?
  /// Hears of the first of a row of failures, and of nil when the whole was written after them.
  package var onChange: ((UVError?) -> Void)?
  private static let retryInterval: Duration = .seconds(1)

  /// Starts a journal at `path` with nothing but these runs of an earlier supervisor in it.
  ///
  /// - Parameter intentDelay: how long the line of an intent waits for another one.
  package init(
    path: String, bootID: String, token: DaemonToken, keeping old: [RunState.Run], on loop: Loop,
    intentDelay: Duration = .milliseconds(2)
  ) throws(UVError) {
    self.path = path
    self.bootID = bootID
    self.token = token
    self.loop = loop
    self.intentDelay = intentDelay
    retryTimer = try Timer(on: loop)
    do throws(UVError) {
      intentTimer = try Timer(on: loop)
    } catch {
      retryTimer.close()
      throw error
    }
    for run in old {
      runs[run.number] = run
      lastNumber = max(lastNumber, run.number)
    }
    writeNext()
  }

  /// Whether the file says all that is known.
  package var isWritten: Bool { !isWriting && !isWholeWanted && pending.isEmpty }

  /// Notes that a run is about to begin. Returns what its child is to carry in its environment.
  /// The number in that is also the one of the run here.
  package func intend(_ definition: ProcessDefinition) -> RunMark {
    lastNumber += 1
    let mark = token.mark(lastNumber)
    intend(
      RunState.Run(
        number: lastNumber, process: definition.id, marker: mark.text,
        stopSignal: definition.stopSignal, stopTimeout: definition.stopTimeout))
    return mark
  }

  /// Notes that a hook or a probe of a process is about to begin. It is ended without being asked.
  func intendHelper(for process: String) -> RunMark {
    lastNumber += 1
    let mark = token.mark(lastNumber, isHelper: true)
    var run = RunState.Run(
      number: lastNumber, process: process, marker: mark.text, stopSignal: .kill,
      stopTimeout: .zero)
    run.isHelper = true
    intend(run)
    return mark
  }

  private func intend(_ run: RunState.Run) {
    runs[run.number] = run
    write(run.intentLine, isIntent: true)
  }

  /// Notes that a run has begun, so that a supervisor after a killed one finds it.
  /// - Parameter startTime: of the leader; nil if it could not be read: the mark finds it.
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

  /// Writes what is noted, once, and no more then.
  package func close() {
    guard !isClosing else { return }
    isClosing = true
    // After a failure it is not tried again.
    let hasFailed = retryTimer.isActive
    retryTimer.close()
    intentTimer.close()
    guard !isWriting else { return }
    if hasFailed { closeFile() } else { writeNext() }
  }

  private func write(_ line: String, isIntent: Bool = false) {
    guard !isClosing else { return }
    guard !isWholeWanted else { return writeNext() }
    pending.append(line)
    // What a disk that hangs does not take must not grow without end.
    if lineCount + pending.count > mostLines {
      isWholeWanted = true
      pending = []
    }
    if isIntent { return writeIntentsLater() }
    guard !isWritePostponed else { return }
    isWritePostponed = true
    // A child is asked for first, and its start is told first.
    loop.beforeWaiting { [self] in
      isWritePostponed = false
      // What was noted before the end is written by it.
      if !isClosing { writeNext() }
    }
  }

  private func writeIntentsLater() {
    guard !intentTimer.isActive else { return }
    intentTimer.start(after: intentDelay) { [self] in writeNext() }
  }

  private var mostLines: Int { 1000 + 4 * runs.count }

  /// What a write has come to.
  private struct Outcome: Sendable {
    var file: AppendFile?
    var error: UVError?
    /// Whether the file is not what was written: nothing was appended.
    var isStrange = false
  }

  /// Begins the next write if there is something to write. After a failure it is not tried again
  /// before the timer says so.
  private func writeNext() {
    guard !isWriting, isClosing || !retryTimer.isActive else { return }
    guard isWholeWanted || !pending.isEmpty else {
      if isClosing { closeFile() }
      return
    }
    isWriting = true
    intentTimer.stop()
    let (path, old) = (path, file)
    let lane = PoolLane.ownFiles(directory: Files.parent(of: path))
    file = nil
    if let old, !isWholeWanted {
      let lines = Array(pending.joined().utf8)
      lineCount += pending.count
      pending = []
      PoolWork.run(on: loop, lane) {
        Self.append(lines, to: old)
      } then: {
        [self] in
        wrote($0)
      }
    } else {
      let text = whole
      lineCount = 2 * runs.count
      pending = []
      isWholeWanted = false
      PoolWork.run(on: loop, lane) {
        Self.rewrite(path, text, over: old)
      } then: {
        [self] in
        wrote($0)
      }
    }
  }

  private func wrote(_ outcome: Outcome) {
    isWriting = false
    file = outcome.file
    if let error = outcome.error {
      // The file may end in half a line: only a whole new one is sure.
      isWholeWanted = true
      pending = []
      if isClosing { return closeFile() }
      retryTimer.start(after: Self.retryInterval) { [self] in writeNext() }
      guard failure == nil else { return }
      failure = error
      onChange?(error)
      return
    }
    if outcome.isStrange {
      isWholeWanted = true
      pending = []
    } else if failure != nil {
      failure = nil
      onChange?(nil)
    }
    writeNext()
  }

  private func closeFile() {
    guard let open = file else { return }
    file = nil
    PoolWork.run(on: loop, .ownFiles(directory: Files.parent(of: path))) {
      var open = open
      open.close()
    } then: {
    }
  }

  private var whole: [UInt8] {
    var text = RunState.header(bootID: bootID)
    for run in runs.values { text += run.intentLine + (run.beginLine ?? "") }
    return Array(text.utf8)
  }

  /// On the pool.
  private static func append(_ lines: [UInt8], to file: AppendFile) -> Outcome {
    var outcome = Outcome(file: file)
    guard file.isIntact else {
      outcome.isStrange = true
      return outcome
    }
    do throws(UVError) {
      try outcome.file?.append(lines)
    } catch {
      outcome.error = error
    }
    return outcome
  }

  /// On the pool.
  private static func rewrite(_ path: String, _ text: [UInt8], over file: AppendFile?) -> Outcome {
    var outcome = Outcome(file: file)
    do throws(UVError) {
      try Files.createDirectories(Files.parent(of: path), mode: 0o750)
      // What cannot be replaced is moved aside, as it is at a start.
      for occupied in [path, "\(path).tmp"] where Files.isDirectory(occupied) {
        _ = try Files.moveAside(occupied)
      }
      if outcome.file != nil {
        try outcome.file?.replaceContents(text)
      } else {
        outcome.file = try AppendFile(path: path, mode: 0o600, contents: text)
      }
    } catch {
      outcome.error = error
    }
    return outcome
  }
}
