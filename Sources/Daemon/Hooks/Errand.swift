import Supervision
import UV

/// A command that is executed beside the runs of a process: a hook, or a probe of its health. It has a session
/// and a mark of its own, and when it is over nothing of it is left.
final class Errand {
  /// How it came to its end.
  enum End: Equatable {
    case exited(ExitStatus)
    case timedOut
    case cancelled
  }

  /// The process that it is executed for.
  let process: String
  /// Its number in the run state.
  let journalNumber: UInt64
  private let child: ChildProcess
  private let scope: RunScope
  private let scopeWatch: ScopeWatch
  private let timer: Timer
  private let lines: [(pipe: OutputPipe, reader: LineReader)]
  private let onGone: (Errand) -> Void
  private let onOutlived: (Errand, [Survivor]) -> Void
  private var onEnd: ((End) -> Void)?
  /// Why it was killed; nil where it was not.
  private var cause: End?
  private var exit: ExitStatus?
  private var isGone = false

  /// How long something may outlive `SIGKILL` before the end is told without it.
  private static let killTimeout: Duration = .seconds(5)

  /// What its end is told to, beside whoever asked for it.
  struct Observer {
    /// Nothing of it is left; called once, from the loop.
    let onGone: (Errand) -> Void
    /// These have outlived `SIGKILL`; the end was told without them.
    let onOutlived: (Errand, [Survivor]) -> Void
  }

  /// Starts it.
  /// - Parameters:
  ///   - timeout: then all of it is killed.
  ///   - onLine: gets each line of its output.
  ///   - onEnd: called once, from the loop, when nothing of it is left.
  init(
    _ options: SpawnOptions, process: String, journalNumber: UInt64, mark: String,
    timeout: Duration, on loop: Loop, reader: OutputScheduler, scopeWatch: ScopeWatch,
    strays: Strays, observer: Observer, onLine: @escaping (String) -> Void,
    onEnd: @escaping (End) -> Void
  ) throws(UVError) {
    self.process = process
    self.journalNumber = journalNumber
    self.scopeWatch = scopeWatch
    self.onEnd = onEnd
    onGone = observer.onGone
    onOutlived = observer.onOutlived
    let timer = try Timer(on: loop)
    self.timer = timer
    // It stays until its leader has ended, also where nobody waits for it any more.
    var errand: Errand?
    do throws(UVError) {
      child = try ChildProcess(options, on: loop, reader: reader) { errand?.exited(ExitStatus($0)) }
    } catch {
      timer.close()
      throw error
    }
    scope = RunScope(leader: child.pid, mark: mark, cgroup: nil, strays: strays)
    lines = [child.output, child.errorOutput].map { ($0, LineReader(onLine: onLine)) }
    errand = self
    child.input.close()
    for (pipe, reader) in lines { pipe.start(onBytes: reader.write) { _ in reader.end() } }
    timer.start(after: timeout) { [unowned self] in kill(because: .timedOut) }
  }

  var pid: Int32 { child.pid }

  /// When its leader started, in clock ticks since the boot; nil where that could not be read.
  var startTime: UInt64? { scope.startTime }

  /// Whether its end has been told.
  var isOver: Bool { onEnd == nil }

  /// Kills all of it; its end is told as `cancelled`, unless it is over.
  func cancel() {
    kill(because: .cancelled)
  }

  /// Tells all of it to end, and kills what has not by then; its end is told as `cancelled`, unless it is over.
  func end(with signal: Signal, within timeout: Duration) {
    guard !isGone, cause == nil else { return }
    cause = .cancelled
    _ = scope.signal(signal, thenContinue: true)
    timer.start(after: timeout) { [unowned self] in kill(because: .cancelled) }
  }

  /// Reads nothing, or goes on reading.
  func setCongested(_ isCongested: Bool) {
    for (pipe, _) in lines {
      if isCongested { pipe.pause() } else { pipe.resume() }
    }
  }

  private func kill(because cause: End) {
    guard !isGone else { return }
    self.cause = cause
    if scope.killedAt == nil { kill() }
  }

  /// What cannot be signalled is told by its survival.
  private func kill() {
    _ = scope.signal(.kill)
    scopeWatch.killed()
    timer.start(after: Self.killTimeout) { [unowned self] in outlived() }
  }

  private func exited(_ status: ExitStatus) {
    exit = status
    scope.leaderExited()
    if scope.killedAt == nil { timer.stop() }
    scopeWatch.leaderExited(scope) { [self] remains in
      // Whatever it has left behind: a hook starts no services.
      if !remains { gone() } else if scope.killedAt == nil { kill() }
    } onGone: { [self] in
      gone()
    }
  }

  private func gone() {
    isGone = true
    onGone(self)
    end()
    child.close()
  }

  private func outlived() {
    onOutlived(self, scope.survivors())
    end()
  }

  private func end() {
    guard let onEnd else { return }
    self.onEnd = nil
    timer.close()
    for (pipe, _) in lines { pipe.drainAndClose() }
    // One that has neither outlived `SIGKILL`, and that was sent for a cause.
    onEnd(cause ?? exit.map { .exited($0) } ?? .cancelled)
  }

  /// Lets go of it, whatever is left.
  func close() {
    onEnd = nil
    timer.close()
    child.close()
  }
}

extension ExitStatus {
  /// What the system has told of the end of a child.
  init(_ exit: ChildExit) {
    self =
      switch exit {
      case .code(let code): .code(code)
      case .signal(let number): .signal(Signal(number: number))
      }
  }
}
