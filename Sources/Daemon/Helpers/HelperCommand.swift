import Basics
import Supervision
import UV

/// A command that is executed beside the runs of a process: a hook, or a probe of its health. It
/// has a session and a mark of its own, and when it is over nothing of it is left.
final class HelperCommand {
  /// How it came to its end.
  enum End: Equatable {
    case exited(ExitStatus)
    case timedOut
    case cancelled
    /// It was not executed.
    case notStarted(StartRefusal)

    init(_ outcome: HelperEnd.Outcome) {
      self =
        switch outcome {
        case .exited(let status): .exited(status)
        case .timedOut: .timedOut
        case .cancelled: .cancelled
        }
    }
  }

  /// A line of its output.
  struct Line {
    /// Without its end; at most 64 KiB.
    let text: String
    /// Whether it came by standard error.
    let isError: Bool

    /// Whether nothing is to be seen of it.
    var isBlank: Bool { text.allSatisfy(\.isWhitespace) }
  }

  /// The process that it is executed for.
  let process: String
  /// Its number in the run state.
  var journalNumber: UInt64 { mark.number }
  private let order: HelperCommands.Order
  private let mark: RunMark
  private let context: DaemonContext
  private let parts: HelperCommands.Parts
  private let timer: Timer
  private let observer: Observer
  private let onLine: (Line) -> Void
  private var onEnd: ((End) -> Void)?
  private var stage = Stage.begun
  /// On the monotonic clock.
  private let begunAt: Duration
  private var ending = HelperEnd()
  private var isCongested = false

  private enum Stage {
    case begun
    case asking(ExecContextQuery)
    case starting(ChildStart)
    case running(Execution)
    /// Nothing was executed.
    case failed
  }

  /// Its child, once that executes the command.
  private struct Execution {
    let child: ChildProcess
    let scope: RunScope
    let lines: [(pipe: OutputPipe, reader: LineReader)]
  }

  /// How long something may outlive `SIGKILL` before the end is told without it.
  private static let killTimeout: Duration = .seconds(5)

  /// What is told of it, beside its end to its owner.
  struct Observer {
    /// It has a process, with the time at which that started, in clock ticks since the boot; nil
    /// where that could not be read. Perhaps called twice.
    let onProcess: (HelperCommand, Int32, UInt64?) -> Void
    /// Nothing of it is left; called once, from the loop.
    let onGone: (HelperCommand) -> Void
    /// These have outlived `SIGKILL`; the end was told without them.
    let onOutlived: (HelperCommand, [Survivor]) -> Void
  }

  /// Starts it.
  /// - Parameters:
  ///   - mark: what its processes carry in their environment, as the run state has it.
  ///   - onLine: gets each line of its output.
  ///   - onEnd: called once, from the loop and never inside of this call, when nothing of it is
  ///     left.
  init(
    _ order: HelperCommands.Order, mark: RunMark, _ context: DaemonContext,
    _ parts: HelperCommands.Parts, observer: Observer,
    onLine: @escaping (Line) -> Void, onEnd: @escaping (End) -> Void
  ) throws(UVError) {
    process = order.definition.id
    self.mark = mark
    self.order = order
    self.context = context
    self.parts = parts
    self.observer = observer
    self.onLine = onLine
    self.onEnd = onEnd
    begunAt = context.now
    timer = try Timer(on: context.loop)
    // In a turn of its own: its owner must have it before it can end. It stays until then by the
    // closures.
    timer.start(after: .zero) { [self] in ask() }
  }

  private func ask() {
    do throws(UVError) {
      let query = try ExecContextQuery(
        for: order.definition, inherited: parts.inherited, mark: mark,
        timeout: order.definition.startTimeout, on: context.loop
      ) { [self] result in
        do {
          try start(in: try result.get())
        } catch {
          fail(error)
        }
      }
      if case .begun = stage { stage = .asking(query) }
    } catch {
      fail(error)
    }
  }

  private func start(in execContext: ExecContext) throws(UVError) {
    let options = execContext.options(order.commandLine, adding: order.variables)
    stage = .starting(
      try ChildStart(
        options, on: context.loop, reader: parts.reader, timeout: order.definition.startTimeout,
        spent: context.now - begunAt
      ) { [self] pid, startTime in
        observer.onProcess(self, pid, startTime)
      } onExit: { [self] status in
        exited(status)
      } then: { [self] result in
        switch result {
        case .success(let child): run(child)
        case .failure(let error): fail(error)
        }
      })
  }

  private func run(_ child: ChildProcess) {
    let scope = RunScope(
      child, mark: mark.text, cgroup: nil, orphanTracker: parts.orphanTracker)
    let lines = [(child.output, false), (child.errorOutput, true)].map { [onLine] pipe, isError in
      (pipe, LineReader { onLine(Line(text: $0, isError: isError)) })
    }
    stage = .running(Execution(child: child, scope: scope, lines: lines))
    observer.onProcess(self, child.pid, scope.startTime)
    child.input.close()
    for (pipe, reader) in lines {
      pipe.start(onBytes: reader.write) { _ in reader.end() }
      if isCongested { pipe.pause() }
    }
    perform(ending.started())
  }

  private func fail(_ error: any Error) {
    stage = .failed
    let outcome = ending.startFailed()
    observer.onGone(self)
    let refusal =
      (error as? UVError).map { StartRefusal($0, in: order.definition, field: order.field) }
      ?? error as? StartRefusal ?? StartRefusal("\(error)")
    end(outcome.map(End.init) ?? .notStarted(refusal))
  }

  /// Whether its end has been told.
  var isOver: Bool { onEnd == nil }

  /// Kills all of it; its end is told as `cancelled`, unless it is over or there was a cause
  /// before that.
  func cancel() { perform(ending.cancel()) }

  /// Tells all of it to end, and kills what has not by then; its end is told as after
  /// ``cancel()``.
  func end(with signal: Signal, within timeout: Duration) {
    perform(ending.end(with: signal, within: timeout))
  }

  /// Reads nothing, or goes on reading.
  func setCongested(_ isCongested: Bool) {
    self.isCongested = isCongested
    guard let execution else { return }
    for (pipe, _) in execution.lines {
      if isCongested { pipe.pause() } else { pipe.resume() }
    }
  }

  private func perform(_ action: HelperEnd.Action) {
    switch action {
    case .nothing: break
    case .takeBack: takeBack()
    case .limit: wait(order.timeout)
    case .ask(let signal, let timeout):
      // What cannot be signalled is told by its survival, here and below.
      _ = execution?.scope.signal(signal, thenContinue: true)
      wait(timeout)
    case .kill:
      _ = execution?.scope.signal(.kill)
      parts.scopeWatch.killed()
      wait(Self.killTimeout)
    case .stopTimer: timer.stop()
    case .giveUp:
      guard let execution else { return }
      observer.onOutlived(self, execution.scope.survivors())
      end(of: execution)
    }
  }

  private func wait(_ time: Duration) {
    timer.start(after: time) { [unowned self] in perform(ending.timeIsOver()) }
  }

  private func takeBack() {
    switch stage {
    case .begun, .asking:
      if case .asking(let query) = stage { query.cancel() }
      // In a turn of its own, as all ends.
      timer.start(after: .zero) { [self] in fail(StartRefusal("cancelled")) }
    case .starting(let start): start.cancel()
    case .running, .failed: break
    }
  }

  private var execution: Execution? {
    if case .running(let execution) = stage { execution } else { nil }
  }

  private func exited(_ status: ExitStatus) {
    guard let execution else { return }
    execution.scope.leaderExited()
    perform(ending.leaderExited(status))
    parts.scopeWatch.leaderExited(execution.scope) { [self] remains in
      if remains { perform(ending.remains()) } else { gone(execution) }
    } onGone: { [self] in
      gone(execution)
    }
  }

  private func gone(_ execution: Execution) {
    ending.gone()
    observer.onGone(self)
    end(of: execution)
    execution.child.close()
  }

  private func end(of execution: Execution) {
    guard onEnd != nil else { return }
    for (pipe, _) in execution.lines { pipe.drainAndClose() }
    end(End(ending.outcome))
  }

  private func end(_ end: End) {
    timer.close()
    let onEnd = self.onEnd
    self.onEnd = nil
    onEnd?(end)
  }

  /// Lets go of it, whatever is left.
  func close() {
    onEnd = nil
    timer.close()
    switch stage {
    case .asking(let query): query.cancel()
    case .starting(let start): start.cancel()
    case .running(let execution): execution.child.close()
    case .begun, .failed: break
    }
  }
}
