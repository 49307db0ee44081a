import Basics

/// One run of a process, from the moment its command executes.
struct Run {
  let id: RunID
  /// The leader's process id; it names the process group as well.
  let pid: Int32
  let startedAt: Moment
  /// Nil while the leader is alive.
  var exit: Exit?
  /// Both pipes have ended, and all that came is in the log's hands.
  var hasOutputEnded = false
  /// The last line of its standard error, in short, once both pipes have ended.
  var lastErrorLine: String?
  /// How many of its processes the kernel has killed because memory ran out, as far as that was
  /// told.
  var oomKills = 0
  /// When the last of these was told, on the monotonic clock; nil if there was none.
  var oomKilledAt: Duration?
  /// Whether it is ready, as `ready` of its definition has it.
  var isReady = false
  /// What it says of itself (`STATUS=`).
  var statusText: String?
  var check = Check()
  /// The first sample of its memory above the limit, in bytes, where it was the last one.
  var memoryAbove: Int?
  /// When its process is due the next time, since 1970 UTC, where it has a schedule.
  var nextDue: Duration?
  /// Whether another run is to follow at once, because its time came during this one.
  var isFollowed = false
  /// The timers that are armed as long as it is alive and its end is not wanted.
  var watches: [Watch] = []
  /// Why it is being ended, or was, where that is the supervisor's own decision.
  var forcedEnd: ForcedEnd?
  /// How long it has to end by itself, once it was told to.
  var stopTimeout: Duration?
  /// After how long `SIGKILL` followed, where it had not ended by then.
  var killedAfter: Duration?

  /// How and when a leader ended.
  struct Exit {
    let status: ExitStatus
    let at: Moment
    /// Whether the kernel killed the leader because memory ran out.
    let isOutOfMemory: Bool
  }

  /// What is known of its health.
  struct Check {
    var health = Health()
    /// A probe is under way: the timer `probe` is not armed.
    var isProbing = false
    /// Probes in a row that have failed, and count.
    var failures = 0
    /// Whether any probe has succeeded: then the start period is over.
    var hasSucceeded = false
  }

  /// A timer, and when it is due on the monotonic clock.
  struct Watch {
    let purpose: TimerID.Purpose
    let due: Duration
  }

  init(id: RunID, pid: Int32, startedAt: Moment) {
    self.id = id
    self.pid = pid
    self.startedAt = startedAt
  }

  /// Whether a timer that watches over it is armed.
  func isArmed(_ purpose: TimerID.Purpose) -> Bool { watches.contains { $0.purpose == purpose } }

  /// From the start of the leader to its end.
  func lasted(until exit: Exit) -> Duration {
    exit.at.monotonic - startedAt.monotonic
  }
}
