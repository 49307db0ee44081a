import Basics
import Supervision

/// A world of paper around a supervisor: paper children, a clock that is moved by hand, timers, a
/// disk.
///
/// It performs effects as the daemon does, one event after the other, and notes whatever must never
/// happen in `violations`.
struct PaperWorld {
  var supervisor = Supervisor.able()
  /// The monotonic clock.
  var clock = Duration.seconds(5000)
  /// What children of a process do from now on.
  var behaviours: [String: PaperBehaviour] = [:]
  /// Nil: saves succeed. Otherwise why they fail.
  var saveFailure: String?
  /// Whether a save that fails does so because another hand has changed the file.
  var saveIsConflict = false
  /// Nil: saves are answered at once. Otherwise how long they take.
  var saveTakes: Duration?
  /// Whether a spawn that takes its time waits in a queue, out of which it can be taken.
  var spawnsCanBeCancelled = false
  /// Nil: logs close at once. Otherwise how long it takes.
  var logClosingTakes: Duration?
  /// What the files of definitions say when they are read.
  var files = DefinitionFilesReading(savedFile: "processes.json")
  /// Nil: they are read at once. Otherwise how long it takes.
  var filesTake: Duration?
  var isReadingFiles = false
  /// How often what they say was taken, but for what was given back.
  var filesTaken = 0
  /// Nil: hooks and probes end at once when all are to. Otherwise how long they take.
  var helpersTake: Duration?

  /// Everything that was to be done, in order.
  var effects: [Effect] = []
  var answers: [Ticket: Reply] = [:]
  var asked: Set<Ticket> = []
  /// What the disk holds.
  var disk: [ProcessDefinition] = []
  /// What stands in files of their own.
  var fragments: [ConfiguredDefinition] = []
  /// What was ready before this event.
  var readyBefore: Set<String> = []
  /// The runs that were up when a shutdown was asked for.
  var upAtShutdown: Set<RunID> = []
  /// Services with sockets that are open.
  var openSockets: Set<ServiceID> = []
  var violations: [String] = []
  var children: [RunID: PaperChild] = [:]
  var hasFinished = false

  var timers: [TimerID: (due: Duration, order: Int)] = [:]
  /// Processes whose latest command was a stop.
  var stopped: Set<InstanceID> = []
  var openLogs: Set<InstanceID> = []
  /// Runs of whose groups the supervisor was told that they are gone.
  var reportedGone: Set<RunID> = []
  /// Runs that are being probed.
  var probes: Set<RunID> = []
  /// Runs before which a hook is under way, or has ended.
  var preparing: Set<RunID> = []
  var prepared: Set<RunID> = []
  /// Runs whose hook is under way.
  var hooks: Set<RunID> = []
  /// Runs whose memory is being looked at.
  var measurements: Set<RunID> = []
  var saveIsOut = false
  var queue: [Event] = []
  var agenda: [(due: Duration, order: Int, item: AgendaItem)] = []
  var latestOrder = 0
  var latestTicket: UInt64 = 0
  var latestPID: Int32 = 100

  /// What will happen at a certain time.
  enum AgendaItem {
    case event(Event)
    case leaderEnds(RunID, ExitStatus)
    case helpersEnd(RunID)
    case outputEnds(RunID)
  }

  /// What the wall clock shows at the zero of the monotonic one: it is set by changing this.
  var epoch = Duration.seconds(1_750_000_000)

  var now: Moment { Moment(monotonic: clock, sinceEpoch: clock + epoch) }

  /// A client asks; what can happen at once does.
  @discardableResult
  mutating func ask(_ command: Command) -> Ticket {
    latestTicket += 1
    let ticket = Ticket(latestTicket)
    asked.insert(ticket)
    send(.command(command, ticket))
    return ticket
  }

  /// Something happens, and what follows at once follows.
  mutating func send(_ event: Event) {
    queue.append(event)
    drainQueue()
  }

  /// Moves the clock, and lets happen what is due on the way.
  mutating func advance(by duration: Duration) {
    let end = clock + duration
    while let due = nextDue, due <= end {
      clock = max(clock, due)
      fireNext(due)
    }
    clock = end
  }

  /// The leader of a process ends by itself.
  mutating func end(_ process: String, _ status: ExitStatus) {
    guard let run = supervisor.run(of: process) else {
      return violations.append("\(process) is not alive, and cannot end")
    }
    leaderEnds(run, status)
    drainQueue()
  }

  func status(_ process: String) -> ProcessStatus? {
    supervisor.entry(process, at: now)?.status
  }

  /// The `SYSTEM` lines of a process.
  func lines(of process: String) -> [String] {
    effects.compactMap {
      if case .log(InstanceID(process), .write(let line)) = $0 { line } else { nil }
    }
  }

  /// The `SYSTEM` lines of the supervisor itself.
  var ownLines: [String] {
    effects.compactMap {
      if case .logSupervisor(let line, _) = $0 { line } else { nil }
    }
  }

  /// The signals that the groups of a process were sent.
  func signals(to process: String) -> [Signal] {
    effects.compactMap {
      if case .run(let run, .signal(let signal, _)) = $0, run.process == process {
        signal
      } else {
        nil
      }
    }
  }

  /// How many paper children of a process have anything left.
  func liveChildren(of process: String) -> Int {
    children.count { $0.key.process == process && !$0.value.isOver }
  }

  // MARK: Time

  private var nextDue: Duration? {
    let first = agenda.min { ($0.due, $0.order) < ($1.due, $1.order) }?.due
    let timer = timers.values.min { ($0.due, $0.order) < ($1.due, $1.order) }?.due
    guard let first, let timer else { return first ?? timer }
    return min(first, timer)
  }

  private mutating func fireNext(_ due: Duration) {
    if let index = agenda.indices.filter({ agenda[$0].due == due }).min(by: {
      agenda[$0].order < agenda[$1].order
    }) {
      switch agenda.remove(at: index).item {
      case .event(let event): queue.append(event)
      case .leaderEnds(let run, let status): leaderEnds(run, status)
      case .helpersEnd(let run): helpersEnd(run)
      case .outputEnds(let run): endOutput(of: run)
      }
    } else if let timer = timers.filter({ $0.value.due == due }).min(by: {
      $0.value.order < $1.value.order
    }) {
      timers[timer.key] = nil
      queue.append(.timerFired(timer.key))
    }
    drainQueue()
  }

  mutating func schedule(_ item: AgendaItem, after delay: Duration) {
    latestOrder += 1
    agenda.append((clock + delay, latestOrder, item))
  }

  /// Tells the supervisor what has happened, and what follows from that, until nothing is left.
  mutating func drainQueue() {
    while !queue.isEmpty {
      let event = queue.removeFirst()
      noteBefore(event)
      for effect in supervisor.handle(event, at: now) { perform(effect) }
    }
  }
}
