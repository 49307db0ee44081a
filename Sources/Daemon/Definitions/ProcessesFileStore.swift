import API
import UV

/// `processes.json` as the daemon writes it: it remembers what it has read or written last, looks
/// at the file before each write, and never overwrites what another hand has put there.
///
/// All file work is done on the pool, one job after the other. A caller that waits for a job that
/// hangs hears after a while that it has failed; the job itself goes on, and those behind it wait
/// for it, so that the file is never written by two.
final class ProcessesFileStore {
  /// Why the file is not written.
  enum Failure: Error {
    /// Another hand has changed it.
    case changed(String)
    /// The system refused.
    case system(UVError)

    var description: String {
      switch self {
      case .changed(let reason): reason
      case .system(let error): "\(error)"
      }
    }
  }

  /// What the daemon knows of the file.
  private struct Knowledge: Sendable {
    /// The hash of what the daemon has read or written last; nil if there was no file.
    var known: Int?
    /// The hash of another content that may be overwritten, once: a client has said so, and there
    /// is a backup of it.
    var forsaken: Int?
    /// Whether a forced order may write the file again that was there and is missing.
    var forsakesMissing = false

    func isKnown(_ bytes: [UInt8]?) -> Bool {
      guard let bytes else { return known == nil || forsakesMissing }
      let hash = bytes.hashValue
      return hash == known || hash == forsaken
    }
  }

  /// What a job has come to.
  private enum Outcome: Sendable {
    case asKnown
    /// The file is another one, and there is a backup of it, of that hash; nil if the file is
    /// missing.
    case backedUp(Int?)
    case written(Int)
    case failed(Failure)
  }

  private final class Job {
    let work: @Sendable (Knowledge) -> Outcome
    /// Nil once it was told.
    var then: ((Failure?) -> Void)?
    let operation: String
    var end: Duration

    init(
      _ operation: String, end: Duration, _ work: @escaping @Sendable (Knowledge) -> Outcome,
      then: @escaping (Failure?) -> Void
    ) {
      self.operation = operation
      self.end = end
      self.work = work
      self.then = then
    }
  }

  /// How long a job is waited for.
  private static let patience: Duration = .seconds(30)
  /// The same at the end of the daemon.
  private static let lastPatience: Duration = .seconds(5)

  private var knowledge = Knowledge()
  private let path: String
  private let loop: Loop
  private let clock: Clock
  private let timer: Timer
  /// The first is on the pool while `isBusy`.
  private var jobs: [Job] = []
  private var isBusy = false
  private var isEnding = false

  init(_ path: String, on loop: Loop, clock: Clock) throws(UVError) {
    self.path = path
    self.loop = loop
    self.clock = clock
    timer = try Timer(on: loop)
    timer.unref()
  }

  /// Whether there was a file when it was last read or written.
  var wasThere: Bool { knowledge.known != nil }

  /// What was noted of the file, and what was known of it before.
  struct Note {
    fileprivate let known: Int?
    fileprivate let before: Int?
  }

  /// The daemon has read this; nil: there is no file.
  @discardableResult
  func note(_ bytes: [UInt8]?) -> Note {
    let note = Note(known: bytes?.hashValue, before: knowledge.known)
    knowledge.known = note.known
    return note
  }

  /// What was read did not take effect: what was known before holds, unless the file was written
  /// since.
  func restore(_ note: Note) {
    if knowledge.known == note.known { knowledge.known = note.before }
  }

  /// A forced order is over, well or not: what it was to overwrite is kept again.
  func keepAll() {
    knowledge.forsaken = nil
    knowledge.forsakesMissing = false
  }

  /// Looks whether the file is as the daemon knows it.
  /// - Parameter isForced: keeps a backup where it is not, and lets the next ``save(_:then:)``
  ///   overwrite it.
  func look(isForced: Bool, then: @escaping (Failure?) -> Void) {
    let path = path
    enqueue("look at", then: then) { knowledge in
      Self.withFile(path, knowledge) { file, resolved in
        guard isForced else { return .failed(.changed(Self.changedReason(path, file == nil))) }
        guard let file else { return .backedUp(nil) }
        do throws(UVError) {
          try Files.writeForcedBackup(of: resolved, file)
          return .backedUp(file.bytes.hashValue)
        } catch {
          guard error.code == .fileExists else { return .failed(.system(error)) }
          return .failed(.changed(Self.tooManyBackupsReason(path, resolved)))
        }
      } asKnown: { _, _ in
        .asKnown
      }
    }
  }

  /// Writes the file, if it is as the daemon knows it. What is written keeps the owner, the group
  /// and the mode of the file; a new one is for the daemon's user alone, as environments may hold
  /// secrets.
  func save(_ bytes: [UInt8], then: @escaping (Failure?) -> Void) {
    let path = path
    enqueue("write", then: then) { knowledge in
      Self.withFile(path, knowledge) { file, _ in
        .failed(.changed(Self.changedReason(path, file == nil)))
      } asKnown: { file, resolved in
        do throws(UVError) {
          // The file behind a link is replaced, not the link.
          try Files.rewrite(resolved, with: bytes, over: file)
          return .written(bytes.hashValue)
        } catch {
          return .failed(.system(error))
        }
      }
    }
  }

  /// The daemon ends: no job is waited for long any more.
  func hurry() {
    guard !isEnding else { return }
    isEnding = true
    let end = clock.monotonic() + Self.lastPatience
    for job in jobs { job.end = min(job.end, end) }
    armTimer()
  }

  /// Waits for nothing any more.
  func close() {
    timer.close()
  }

  private typealias FileContents = (status: FileStatus, bytes: [UInt8])

  /// Reads the file, on the pool.
  /// - Parameters:
  ///   - changed: gets the file where it is not as the daemon knows it, nil if there is none;
  ///     and the path behind links.
  ///   - asKnown: the same where it is.
  private static func withFile(
    _ path: String, _ knowledge: Knowledge, changed: (FileContents?, String) -> Outcome,
    asKnown: (FileContents?, String) -> Outcome
  ) -> Outcome {
    let resolved = Files.resolvingLinks(path)
    var file: FileContents?
    do throws(UVError) {
      let found = try Files.readRegular(resolved, limit: DefinitionFiles.limit)
      guard found.status.isRegular else { return .failed(.system(Self.noFile(resolved))) }
      file = found
    } catch {
      guard error.code == .noSuchFileOrDirectory else { return .failed(.system(error)) }
    }
    return knowledge.isKnown(file?.bytes) ? asKnown(file, resolved) : changed(file, resolved)
  }

  /// What is no regular file is not read.
  private static func noFile(_ path: String) -> UVError {
    UVError(.invalidArgument, "read", path)
  }

  private static func changedReason(_ path: String, _ isMissing: Bool) -> String {
    isMissing
      ? "'\(path)' is missing: put it back, or write it again with ?force=true"
      : "'\(path)' was changed and is not reloaded: POST /reload first, or overwrite it with ?force=true"
  }

  private static func tooManyBackupsReason(_ path: String, _ resolved: String) -> String {
    "'\(path)' was changed, and there are \(Files.mostForcedBackups) files '\(Files.forcedBackup(of: resolved, number: 0))*' already: move them away first"
  }

  private func enqueue(
    _ operation: String, then: @escaping (Failure?) -> Void,
    _ work: @escaping @Sendable (Knowledge) -> Outcome
  ) {
    let end = clock.monotonic() + (isEnding ? Self.lastPatience : Self.patience)
    jobs.append(Job(operation, end: end, work, then: then))
    next()
    armTimer()
  }

  private func next() {
    guard !isBusy, let job = jobs.first else { return }
    isBusy = true
    let (work, knowledge) = (job.work, knowledge)
    PoolWork.run(on: loop, .ownFiles(directory: Files.parent(of: path))) {
      work(knowledge)
    } then: { [self] outcome in
      isBusy = false
      jobs.removeFirst()
      let then = job.then
      let failure = take(outcome, isWanted: then != nil)
      next()
      armTimer()
      then?(failure)
    }
  }

  /// - Parameter isWanted: whether the one who ordered it has not heard yet that it has failed.
  private func take(_ outcome: Outcome, isWanted: Bool) -> Failure? {
    switch outcome {
    case .backedUp where !isWanted: return nil
    case .asKnown: return nil
    case .failed(let failure): return failure
    case .backedUp(let hash?): knowledge.forsaken = hash
    case .backedUp(nil): knowledge.forsakesMissing = true
    case .written(let hash):
      knowledge.known = hash
      keepAll()
    }
    return nil
  }

  private func armTimer() {
    guard let end = jobs.filter({ $0.then != nil }).map(\.end).min() else { return timer.stop() }
    timer.start(after: max(.zero, end - clock.monotonic())) { [unowned self] in
      endWaits()
    }
  }

  /// What no thread has begun is not done any more; what hangs is left to itself.
  private func endWaits() {
    let now = clock.monotonic()
    let late = jobs.filter { $0.then != nil && $0.end <= now }
    let underWay = isBusy ? jobs.first : nil
    jobs.removeAll { job in job !== underWay && late.contains { $0 === job } }
    let told = late.map { job in
      defer { job.then = nil }
      return (job.then, job.operation)
    }
    armTimer()
    for (then, operation) in told {
      var error = UVError(.timedOut, UVError.Operation(operation), path)
      error.detail = "its file system does not answer"
      then?(.system(error))
    }
  }
}
