import Basics

/// The life of one process: hears what happened to it, and returns what is to be done.
///
/// One mutating method an event. What the operator wants (`goal`), what the process is doing
/// (`activity`) and why (`lastExit`, `error`) are separate facts; `status` is derived from them.
/// The facts are written only by this type's own extensions; the supervisor reads them.
struct ProcessMachine {
  private(set) var shared: SharedDefinition
  var goal = Goal.up
  var activity = Activity.idle
  /// Whether the supervisor is shutting down: then no run follows this one.
  var shutdown = Shutdown.no
  /// Whether a run may start, for all that others have to do first. The supervisor keeps it up to
  /// date.
  var startCondition = StartCondition.met
  /// A start or restart was asked for while a run was still ending: a new run follows it at once.
  var wantsFreshRun = false
  /// Why the process is not running as it should, in words.
  var error: String?
  /// Runs that have started since the process was added.
  var runCount = 0
  /// Automatic restarts in a row.
  var restartCount = 0
  /// Automatic restarts since the process was added.
  var restartTotal = 0
  /// When the latest run started, since 1970 UTC.
  var lastRun: Duration?
  /// What its runs have come to.
  var tally = RunTally()
  var lastExit: ProcessEntry.LastExit?
  /// Whether the latest run is over, and ended by itself and with success.
  var lastRunSucceeded = false
  /// Whether the supervisor knows that it has ended for good.
  var isEndNoted = false
  /// Whether there was no child to the latest spawn.
  var lastStartFailed = false
  /// When the latest scheduled run was due that was begun or left out, since 1970 UTC: none is due
  /// again when the clock is set back a little.
  var latestDue: Duration?
  /// The latest runs that are over, oldest first.
  var pastRuns: [PastRun] = []
  /// Answered when the next run has started, or could not.
  var startWaiters: [StartWaiter] = []
  /// Answered when the present run is over.
  var stopWaiters: [Ticket] = []
  /// Answered by the supervisor when nothing of the process is left.
  var removeWaiters: [Ticket] = []
  /// Whether the removal takes the log files with it.
  var deletesLog = false

  /// What the operator wants.
  enum Goal {
    case up
    /// A stop was asked for while nothing ran: it shows how it ended, and does not begin by itself
    /// with another definition or another local time.
    case stayDown
    /// A stop was asked for while something ran, or was due.
    case down
    case removed
  }

  /// What stands between the wish to start and the start.
  enum StartCondition: Equatable {
    case met
    /// Says what is waited for.
    case unmet(reason: String)
  }

  /// How far a shutdown of the supervisor has gone.
  enum Shutdown: Int {
    case no
    case orderly
    /// Asked for twice: groups are killed at once, and output is not waited for.
    case atOnce
  }

  /// How long a group may take to go after `SIGKILL`.
  static let killTimeout = Duration.seconds(10)
  /// How long something may hold the output open after the whole group has gone.
  static let outputGrace = Duration.seconds(2)

  /// A process that has never run.
  init(_ definition: ProcessDefinition) {
    shared = SharedDefinition(definition)
  }

  var definition: ProcessDefinition {
    get { shared.value }
    set { shared = SharedDefinition(newValue) }
  }

  var id: InstanceID { definition.instanceID }

  /// From the end of one run to the start of the next; nil for a process that is not periodic.
  var period: Duration? { definition.isPeriodic ? definition.period : nil }

  /// Whether its runs follow each other by time, periodic or scheduled, not by the restart policy.
  var isTimed: Bool { period != nil || definition.schedule != nil }

  /// Whether ends are followed by the restart policy.
  var restartsAutomatically: Bool { definition.restartPolicy != .never && !isTimed }

  /// The process whose definition it has.
  var serviceID: ServiceID { definition.serviceID }

  /// Names a timer of this process.
  func timer(_ purpose: TimerID.Purpose) -> TimerID {
    .process(id, purpose)
  }

  /// Something has happened to a run of this process. What is told of a run that is over comes too
  /// late.
  mutating func handle(
    _ event: RunEvent, of run: RunID, _ context: EventContext
  ) -> [Effect] {
    guard run == presentRun else { return [] }
    switch event {
    case .beforeStartEnded(let failure):
      return beforeStartEnded(failure: failure, context)
    case .spawned(let pid):
      return spawned(pid: pid, context)
    case .spawnFailed(let reason):
      return spawnFailed(reason: reason, context)
    case .spawnCancelled:
      return spawnCancelled(context)
    case .exited(let status, let groupRemains, let oomKills):
      return exited(status, groupRemains: groupRemains, oomKills: oomKills, context)
    case .outOfMemory(let oomKills):
      return outOfMemory(oomKills: oomKills, context)
    case .groupGone:
      return groupGone(context)
    case .survivors(let survivors):
      return survived(survivors)
    case .outputEnded(let line):
      return outputEnded(lastErrorLine: line, context)
    case .notified(let notification):
      return notified(notification, context)
    case .probed(let result):
      return probed(result, context)
    case .measured(let bytes):
      return measured(residentBytes: bytes, context)
    case .hookEnded:
      return hookEnded(context)
    }
  }

  /// A timer of this process has fired. One that no longer matters does nothing; one that fires
  /// before its time (an older firing that was under way, or a coarser clock) is armed again for
  /// the rest.
  mutating func timerFired(_ purpose: TimerID.Purpose, _ context: EventContext) -> [Effect] {
    switch activity {
    case .waiting(let wait) where purpose == .nextRun:
      return early(purpose, wait.due.monotonic, context) ?? begin(wait, context)
    case .running(let run):
      guard let watch = run.watches.first(where: { $0.purpose == purpose }) else { return [] }
      return early(purpose, watch.due, context) ?? watchFired(purpose, run, context)
    case .stopping(let stopping) where purpose == stopping.armedTimer:
      return early(purpose, stopping.deadline, context) ?? giveUpOn(stopping, context)
    case .draining(let draining) where purpose == .outputGrace && !draining.isClosing:
      return early(purpose, draining.deadline, context) ?? cutOff(draining)
    case .idle, .waiting, .blocked, .preparing, .starting, .stopping, .draining, .hook, .gone:
      return []
    }
  }

  private func early(
    _ purpose: TimerID.Purpose, _ deadline: Duration, _ context: EventContext
  ) -> [Effect]? {
    let rest = deadline - context.now.monotonic
    return rest > .zero ? [.arm(timer(purpose), after: rest)] : nil
  }

  /// Stops the program: the daemon reported what cannot be. `fatalError`, because a release build
  /// drops the words of `preconditionFailure`, and the state is what matters.
  func impossible(_ event: String) -> Never {
    fatalError("process '\(id)': \(event) while \(activity.name)")
  }
}
