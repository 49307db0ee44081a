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
  /// How many of its processes the kernel has killed because memory ran out, as far as that was told.
  var oomKills = 0
  /// Whether it is ready, as `ready` of its definition has it.
  var isReady = false
  /// What it says of itself (`STATUS=`).
  var statusText: String?
  /// What is known of its health.
  var health = Health()

  /// How and when a leader ended.
  struct Exit {
    let status: ExitStatus
    let at: Moment
    /// Whether the kernel killed the leader because memory ran out.
    let isOutOfMemory: Bool
  }

  init(id: RunID, pid: Int32, startedAt: Moment) {
    self.id = id
    self.pid = pid
    self.startedAt = startedAt
  }

  /// From the start of the leader to its end.
  func lasted(until exit: Exit) -> Duration {
    exit.at.monotonic - startedAt.monotonic
  }
}
