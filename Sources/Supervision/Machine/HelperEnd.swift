package import Basics

/// How a helper command comes to its end: by itself, because it takes too long, or because it is
/// cancelled. What is left of it is killed in each case, and what outlives that for too long is
/// waited for no longer.
///
/// There is one timer: each action that arms it replaces what it was armed for, and
/// ``timeIsOver()`` is its end. The first reason for its end is the one that is told.
package struct HelperEnd: Sendable {
  private var stage = Stage.preparing
  private var cause: Outcome?
  private var exit: ExitStatus?

  private enum Stage {
    /// It is not executed yet.
    case preparing
    /// Its start was taken back. That may have come too late.
    case takenBack
    /// It is executed. Its leader may have ended, if `exit` is there.
    case running
    /// It was sent the signal that asks it to end.
    case asked
    /// All of it was sent `SIGKILL`.
    case killed
    /// Something outlived that, and its end was told.
    case outlived
    /// Nothing is left of it, or it could not be executed.
    case gone
  }

  /// How it ended.
  package enum Outcome: Equatable, Sendable {
    case exited(ExitStatus)
    case timedOut
    case cancelled
  }

  /// What is to be done.
  package enum Action: Equatable, Sendable {
    case nothing
    /// Takes the start back: either that fails later, or the command is executed after all.
    case takeBack
    /// Arms the timer with the time that the command may take.
    case limit
    /// Sends all of it a signal, and arms the timer.
    case ask(Signal, within: Duration)
    /// Sends all of it `SIGKILL`, and arms the timer with the time that something may outlive it.
    case kill
    case stopTimer
    /// Names what is left, and tells its end without that.
    case giveUp
  }

  /// One whose start is under way.
  package init() {}

  /// How its end is told: one that has neither ended by itself nor has a cause outlived `SIGKILL`,
  /// and that was sent for a cause.
  package var outcome: Outcome { cause ?? exit.map { .exited($0) } ?? .cancelled }

  /// It is executed.
  package mutating func started() -> Action {
    switch stage {
    case .preparing:
      stage = .running
      return .limit
    case .takenBack: return kill()
    case .running, .asked, .killed, .outlived, .gone: return .nothing
    }
  }

  /// It could not be executed.
  /// - Returns: how its end is told if there is another reason.
  package mutating func startFailed() -> Outcome? {
    stage = .gone
    return cause
  }

  /// It is to end now.
  package mutating func cancel() -> Action {
    switch stage {
    case .preparing: return takeBack()
    case .running, .asked:
      note(.cancelled)
      return kill()
    case .killed:
      note(.cancelled)
      return .nothing
    case .takenBack, .outlived, .gone: return .nothing
    }
  }

  /// It is to end by a signal, and to be killed if it has not ended in time.
  package mutating func end(with signal: Signal, within timeout: Duration) -> Action {
    switch stage {
    case .preparing: return takeBack()
    case .running:
      note(.cancelled)
      stage = .asked
      return .ask(signal, within: timeout)
    case .killed:
      note(.cancelled)
      return .nothing
    case .takenBack, .asked, .outlived, .gone: return .nothing
    }
  }

  /// What the timer was armed for last has not come in time.
  package mutating func timeIsOver() -> Action {
    switch stage {
    case .running, .asked:
      note(.timedOut)
      return kill()
    case .killed:
      stage = .outlived
      return .giveUp
    case .preparing, .takenBack, .outlived, .gone: return .nothing
    }
  }

  /// Its leader has ended. Whether something is left of it is found out then.
  package mutating func leaderExited(_ status: ExitStatus) -> Action {
    exit = status
    switch stage {
    case .running, .asked: return .stopTimer
    case .preparing, .takenBack, .killed, .outlived, .gone: return .nothing
    }
  }

  /// Its leader has left something behind: a hook starts no services.
  package mutating func remains() -> Action {
    switch stage {
    case .running, .asked: return kill()
    case .preparing, .takenBack, .killed, .outlived, .gone: return .nothing
    }
  }

  /// Nothing is left of it.
  package mutating func gone() { stage = .gone }

  private mutating func note(_ cause: Outcome) { self.cause = self.cause ?? cause }

  private mutating func takeBack() -> Action {
    note(.cancelled)
    stage = .takenBack
    return .takeBack
  }

  private mutating func kill() -> Action {
    stage = .killed
    return .kill
  }
}
