import Logs
import Supervision
import UV

/// One run as the system has it: the child, and its two outputs on their way into the log.
final class ActiveRun {
  let id: RunID
  /// Its number in the run state.
  let journalNumber: UInt64
  let child: ChildProcess
  let scope: RunScope
  /// Where its memory is limited.
  var memoryWatch: MemoryWatch?
  /// Where it tells of itself; nil if it has no reason to.
  var notifySocket: NotifyListener?
  private let inputs: [(pipe: OutputPipe, log: LogInput)]
  private var openOutputs: Int
  /// Whether the leader has been reaped.
  private(set) var hasExited = false
  private(set) var isGroupGone = false
  private(set) var isInputClosed = false
  /// Whether the log takes nothing more for the moment.
  private var isCongested = false
  private var closesWhenRelieved = false

  init(
    id: RunID, journalNumber: UInt64, child: ChildProcess, scope: RunScope, stdout: LogInput,
    stderr: LogInput
  ) {
    self.id = id
    self.journalNumber = journalNumber
    self.child = child
    self.scope = scope
    inputs = [(child.output, stdout), (child.errorOutput, stderr)]
    openOutputs = inputs.count
  }

  /// Whether nothing more is to come from it.
  var isOver: Bool { isGroupGone && openOutputs == 0 }

  /// Moves both outputs into the log from now on.
  /// - Parameter onEnded: called once, when both have ended; gets the last line of standard error.
  func startReading(
    isCongested: Bool, onEnded: @escaping (_ lastErrorLine: String?) -> Void
  ) {
    for (pipe, log) in inputs {
      pipe.start(onBytes: log.write) { [self] _ in
        // A read error ends the output as an end does: there is no more to be had from that pipe.
        log.end()
        openOutputs -= 1
        if openOutputs == 0 { onEnded(inputs.last?.log.lastLine) }
      }
      if isCongested { pipe.pause() }
    }
    self.isCongested = isCongested
  }

  /// Stops or goes on reading, as the log says.
  func setCongested(_ isCongested: Bool) {
    self.isCongested = isCongested
    for (pipe, _) in inputs {
      if isCongested { pipe.pause() } else { pipe.resume() }
    }
    if !isCongested, closesWhenRelieved { closeOutput() }
  }

  /// Takes what the pipes hold at this moment, and no more; while the log is congested, once it no
  /// longer is.
  func closeOutput() {
    guard !isCongested else {
      closesWhenRelieved = true
      return
    }
    for (pipe, _) in inputs { pipe.drainAndClose() }
  }

  /// Writes to the child's standard input.
  /// - Parameters:
  ///   - closes: whether the input is closed once the bytes are written.
  ///   - then: called once, when the child's pipe has them or cannot have them.
  func writeInput(_ bytes: [UInt8], closes: Bool, then: @escaping (UVError?) -> Void) {
    child.input.write(bytes, then: then)
    if closes {
      isInputClosed = true
      child.input.closeWhenDrained()
    }
  }

  func exited() {
    hasExited = true
    isInputClosed = true
    child.input.close()
    scope.leaderExited()
    memoryWatch?.close()
    memoryWatch = nil
  }

  func groupGone() {
    isGroupGone = true
    closeNotifySocket()
  }

  private func closeNotifySocket() {
    notifySocket?.close()
    notifySocket = nil
  }

  /// Lets go of it, whatever is left.
  func close() {
    child.close()
    closeNotifySocket()
    memoryWatch?.close()
    memoryWatch = nil
  }
}
