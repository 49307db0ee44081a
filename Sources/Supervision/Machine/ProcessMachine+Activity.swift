import Basics

extension ProcessMachine {
  /// What a process is doing.
  enum Activity {
    /// Nothing runs and nothing is due. `start`, `restart` and `remove` leave it.
    case idle
    /// Nothing runs, and the timer `nextRun` is armed. The timer, `start`, `restart`, `stop`,
    /// `remove`, a shutdown and another definition leave it.
    case waiting(Wait)
    /// It is to start as soon as its start condition is met. That, `stop`, `remove` and a shutdown
    /// leave it.
    case blocked
    /// The hook before a run executes, which starts with this definition. `beforeStartEnded` leaves
    /// it. A cancelled one is left by `spawnCancelled` as well.
    case preparing(RunID, SharedDefinition, isCancelled: Bool)
    /// A spawn is under way. `spawned` and `spawnFailed` leave it. A cancelled one is left by
    /// `spawnCancelled` as well, or has its end asked for as soon as it has begun.
    case starting(RunID, isCancelled: Bool)
    /// The leader is alive, ready or not, and its end is not wanted: only here is it probed and
    /// watched. `exited`, `stop`, `restart`, `remove`, a shutdown, another definition, its own word
    /// that it ends, and whatever is found to be wrong with it leave it.
    case running(Run)
    /// The group is to end: an operator wants that, something is wrong with it, its leader has
    /// ended by itself, or has said that it will. It is left when the leader has exited and the
    /// group is gone; `stopTimeout`, `killTimeout` and `survivors` only move its stage.
    case stopping(Stopping)
    /// Leader and group are gone, and something still holds the output open. `outputEnded` leaves
    /// it; the timer `outputGrace` asks for that.
    case draining(Draining)
    /// The run is over, and the hook after it runs. `hookEnded` leaves it.
    case hook(Hook)
    /// Removed, and nothing of it runs: the supervisor forgets it before the next event. Nothing
    /// leaves it.
    case gone

    /// For the message of a trap.
    var name: String {
      switch self {
      case .idle: "idle"
      case .waiting: "waiting"
      case .blocked: "blocked"
      case .preparing(_, _, let isCancelled):
        isCancelled ? "executing before_start, cancelled" : "executing before_start"
      case .starting(_, let isCancelled): isCancelled ? "starting, cancelled" : "starting"
      case .running: "running"
      case .stopping(let stopping): "stopping, \(stopping.stage)"
      case .draining: "draining"
      case .hook: "executing after_exit"
      case .gone: "gone"
      }
    }
  }

  /// The time until the next run.
  struct Wait {
    /// When the timer is due, and the run: for a schedule the wall clock alone says that, and the
    /// timer only when to look at it again.
    let due: Moment
    let reason: Reason

    enum Reason {
      case period
      case schedule
      /// The last run has ended at `end` and taken `lasted`: another definition may ask for another
      /// delay.
      case restart(after: Cause, end: Moment, lasted: Duration)
    }
  }

  /// Why an automatic restart is due.
  enum Cause {
    case exit(ExitStatus, pid: Int32)
    /// The kernel killed the leader because memory ran out.
    case outOfMemory(pid: Int32)
    /// The supervisor itself has ended the run.
    case forced(ForcedEnd, pid: Int32)
    case failedStart(reason: String)
  }

  /// The end of a run that was asked for.
  struct Stopping {
    var run: Run
    let stage: Stage
    /// On the monotonic clock, when the stage's timer is due.
    let deadline: Duration

    enum Stage {
      /// It has said by itself that it ends, and got no signal; `stopTimeout` is armed.
      case announced
      /// It has its stop signal; `stopTimeout` is armed.
      case asked
      /// It has `SIGKILL`; `killTimeout` is armed.
      case killed
      /// It has outlived `SIGKILL`, and the survivors are being looked up; no timer is armed.
      case counted
      /// It has outlived `SIGKILL`, and that has been told; no timer is armed.
      case unkillable
    }

    var armedTimer: TimerID.Purpose? {
      switch stage {
      case .announced, .asked: .stopTimeout
      case .killed: .killTimeout
      case .counted, .unkillable: nil
      }
    }
  }

  /// The wait for the last output of a run.
  struct Draining {
    let run: Run
    let exit: Run.Exit
    /// The output has been told to close: `outputGrace` is not armed.
    var isClosing: Bool
    /// On the monotonic clock, when `outputGrace` is due.
    let deadline: Duration
  }

  /// The wait for the hook after a run.
  struct Hook {
    let run: Run
    let exit: Run.Exit
    var isCancelled: Bool
    /// On the monotonic clock, when the daemon ends it.
    let deadline: Duration
  }

  /// The run that is under way, from the spawn to the end of the hook after it.
  var presentRun: RunID? {
    switch activity {
    case .idle, .waiting, .blocked, .gone: nil
    case .preparing(let run, _, _), .starting(let run, _): run
    case .running(let run): run.id
    case .stopping(let stopping): stopping.run.id
    case .draining(let draining): draining.run.id
    case .hook(let hook): hook.run.id
    }
  }
}
