/// The reloads that were asked for. One waits for the other, and for the writes of
/// `processes.json`: what was added a moment ago would be missing in the old file, and be taken for
/// removed. For the same reason the files are read again if a write has begun meanwhile.
struct ReloadQueue {
  /// A reload that was asked for.
  struct Request {
    let ticket: Ticket
    /// Whether it is only told what would change.
    let isDryRun: Bool
  }

  /// What is to be done next.
  enum Step {
    /// Have the files read.
    case read
    /// Refuse this one: the files have been read since then, on the monotonic clock, without an
    /// answer.
    case refuse(Request, since: Duration)
    /// Nothing.
    case wait
  }

  private struct Reading {
    /// Nil once it was refused.
    var request: Request?
    let since: Duration
    /// How many writes had begun before.
    let writes: UInt64
  }

  /// Those that have not begun.
  private var waiting: [Request] = []
  private var reading: Reading?

  /// How long the files are waited for.
  static let patience: Duration = .seconds(30)

  /// Whether a reload waits for what is being read.
  var isAwaitingFiles: Bool { reading?.request != nil }

  mutating func add(_ request: Request) { waiting.append(request) }

  /// Takes the next one, unless something is in its way.
  /// - Parameters:
  ///   - saves: the writes of `processes.json`.
  ///   - now: on the monotonic clock.
  mutating func next(_ saves: SaveQueue, at now: Duration) -> Step {
    guard saves.isIdle, !waiting.isEmpty else { return .wait }
    if let reading {
      // Those that come while the files are being read wait for their turn, but not for a disk that
      // hangs.
      guard reading.request == nil else { return .wait }
      return .refuse(waiting.removeFirst(), since: reading.since)
    }
    reading = Reading(request: waiting.removeFirst(), since: now, writes: saves.begun)
    return .read
  }

  /// The files have been read.
  /// - Returns: the reload that they were read for; nil if it was refused meanwhile, or they have
  ///   to be read again for it.
  mutating func filesRead(_ saves: SaveQueue) -> Request? {
    guard let reading else { return nil }
    self.reading = nil
    guard let request = reading.request else { return nil }
    guard reading.writes == saves.begun else {
      waiting.insert(request, at: 0)
      return nil
    }
    return request
  }

  /// The files do not answer.
  /// - Returns: the reload that waits for them, and since when; nil if none does.
  mutating func giveUp() -> (request: Request, since: Duration)? {
    guard let reading, let request = reading.request else { return nil }
    self.reading?.request = nil
    return (request, reading.since)
  }

  /// Takes all out that have not been carried out, in their order.
  mutating func removeAll() -> [Request] {
    let all = (giveUp().map { [$0.request] } ?? []) + waiting
    waiting = []
    return all
  }
}
