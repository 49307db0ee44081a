import API
import Supervision
import UV

/// `keys.json` as the daemon sees it. A look at its status tells whether it has changed, so a key
/// that was removed is wrong at once, and nothing has to be reloaded.
///
/// Each look is one piece of work on the pool, and a request with a named key waits for one that
/// begins after the request came: ``look(within:then:)``. Where the file system does not answer a
/// look, what was read last holds for ``lastKnownHolds``, and no named key works after that: no
/// user of this machine can remove a key there meanwhile, but another machine that shares the
/// directory may have.
final class NamedKeysFile {
  /// Where what becomes of the file is told; the supervisor's own log, once there is one.
  var report: (LogLevel, String) -> Void = { _, _ in }

  /// Hears whether the file can be used, whenever it has been read: why not, or nil.
  var onUse: (_ failure: String?) -> Void = { _ in }

  private let path: String
  private var state = LookState()
  /// What was last told of the file, so that it is told once.
  private var problem: String?
  /// What the next key check hears of; nil if nothing has changed since the last.
  private var change: NamedKeySource.Change?
  private var looks: Looks?
  /// Whether the last contents have become too old to be used.
  private var isOutdated = false
  /// The last contents; nil if they cannot be used.
  private var usable: [KeyRecord]?

  /// After this long an unusable file is read again all the same: what is wrong may be mended
  /// without a trace in the file.
  private static let patience: Duration = .seconds(1)
  /// How long a request with a named key waits for a look.
  static let longestWait: Duration = .seconds(1)
  /// How long the keys of the last look are right while another one has had no answer.
  static let lastKnownHolds: Duration = .seconds(30)

  /// What looks need to know of those before.
  fileprivate struct LookState: Sendable {
    /// What the file was when it was last read; nil if it must be read again.
    var seen: Seen?
    /// What the file was when it could not be used, and when: a request meanwhile does not have it
    /// read.
    var refused: (file: Seen?, at: Duration)?
  }

  /// What a look has found.
  struct Found: Sendable {
    fileprivate var state: LookState
    /// Nil where the file is as it was.
    fileprivate var contents: Result<[KeyRecord], ConfigurationFile.Failure>?
  }

  /// The looks of a daemon whose loop turns.
  private struct Looks {
    let loop: Loop
    let clock: Clock
    let timer: Timer
    /// Since when one is out.
    var outSince: Duration?
    /// Those who wait for the one that is out, and for the one after it.
    var joined: [Waiter] = []
    var waiting: [Waiter] = []
  }

  private struct Waiter {
    let end: Duration
    let then: () -> Void
  }

  fileprivate enum Seen: Equatable, Sendable {
    case absent
    case file(FileStatus)
  }

  /// The most bytes that the file may have.
  static let limit = 1 << 20

  init(_ path: String) {
    self.path = path
  }

  /// Reads the file, on the pool.
  /// - Parameter now: on the clock that ``follow(on:clock:)`` is given.
  ///
  /// Throws `StartError` where there is one that cannot be read, trusted or parsed.
  static func readAtStart(_ path: String, at now: Duration) throws(StartError) -> Found {
    let found = look(path, LookState(), at: now)
    if case .failure(let failure) = found.contents {
      throw StartError("\(failure)", errorNumber: failure.errorNumber)
    }
    return found
  }

  /// Looks on the pool of this loop from now on.
  func follow(on loop: Loop, clock: Clock) throws(UVError) {
    let timer = try Timer(on: loop)
    timer.unref()
    looks = Looks(loop: loop, clock: clock, timer: timer)
    if case .records(let records) = change, state.seen != .absent {
      report(.info, "Named keys in '\(path)': \(records.count)")
    }
  }

  /// Looks no more; the waiting requests go on.
  func close() {
    guard let ended = looks else { return }
    looks = nil
    ended.timer.close()
    for waiter in ended.joined + ended.waiting { waiter.then() }
  }

  /// Has the file looked at, and goes on when that is done.
  ///
  /// - Parameter limit: how long that is waited for; where a look has been out for so long already,
  ///   not at all.
  func look(within limit: Duration = longestWait, then: @escaping () -> Void) {
    guard let looks else { return then() }
    let now = looks.clock.monotonic()
    guard looks.outSince.map({ now - $0 < limit }) != false else {
      noteAge(at: now)
      return then()
    }
    self.looks?.waiting.append(Waiter(end: now + limit, then: then))
    if looks.outSince == nil { begin() }
    armTimer()
  }

  private func begin() {
    guard let looks else { return }
    let now = looks.clock.monotonic()
    self.looks?.joined = looks.waiting
    self.looks?.waiting = []
    self.looks?.outSince = now
    let (path, state) = (path, state)
    PoolWork.run(on: looks.loop, .ownFiles(directory: Files.parent(of: path))) {
      Self.look(path, state, at: now)
    } then: { [self] found in
      guard let looks = self.looks else { return }
      take(found)
      self.looks?.outSince = nil
      self.looks?.joined = []
      if !looks.waiting.isEmpty { begin() }
      for waiter in looks.joined { waiter.then() }
    }
  }

  private func armTimer() {
    guard let looks, let first = (looks.joined + looks.waiting).map(\.end).min() else { return }
    let now = looks.clock.monotonic()
    looks.timer.start(after: max(.zero, first - now)) { [unowned self] in endWaits() }
  }

  /// A request that has waited long enough goes on with what is known.
  private func endWaits() {
    guard let looks else { return }
    let now = looks.clock.monotonic()
    noteAge(at: now)
    self.looks?.joined.removeAll { $0.end <= now }
    self.looks?.waiting.removeAll { $0.end <= now }
    armTimer()
    for waiter in looks.joined + looks.waiting where waiter.end <= now { waiter.then() }
  }

  /// Gives the last contents up once they are too old.
  private func noteAge(at now: Duration) {
    guard let since = looks?.outSince, !isOutdated, now - since >= Self.lastKnownHolds else {
      return
    }
    isOutdated = true
    refuse("'\(path.readable)' cannot be looked at: its file system does not answer")
  }

  /// Everything that is wrong with the file, a line each, where there is one.
  func mistakes() -> [String] {
    var mistakes: [String] = []
    do throws(ConfigurationFile.Failure) {
      _ = try Self.read(path)
      return []
    } catch {
      mistakes.append(error.description)
    }
    do throws(UVError) {
      let file = try Files.readRegular(path, limit: Self.limit)
      guard file.status.isRegular else { return mistakes }
      let all = KeysFile.mistakes(in: file.bytes, name: path)
      return mistakes.filter { !all.contains(where: $0.hasPrefix) } + all
    } catch {
      return mistakes
    }
  }

  /// What the router asks.
  var source: NamedKeySource {
    NamedKeySource { [self] in
      defer { change = nil }
      return change
    } hash: { [self] key, setting in
      do throws(UVError) {
        return try Crypt.hash(key, setting: setting)
      } catch {
        report(.error, "A key cannot be checked: \(error)")
        return nil
      }
    }
  }

  /// Notes what a look has found, for the next key check.
  func take(_ found: Found) {
    let known = state
    state = found.state
    let wasOutdated = isOutdated
    isOutdated = false
    switch found.contents {
    case nil:
      guard wasOutdated else { return }
      // The file is what it was when it was read: what was given up for its age is right again.
      guard let usable else {
        state = LookState()
        return
      }
      problem = nil
      change = .records(usable)
      onUse(nil)
    case .success(let records):
      if state.seen != .absent || known.seen != nil || problem != nil {
        report(.info, "Named keys in '\(path)': \(records.count)")
      }
      problem = nil
      usable = records
      change = .records(records)
      onUse(nil)
    case .failure(let failure):
      usable = nil
      refuse(failure.description)
    }
  }

  private func refuse(_ reason: String) {
    change = .unusable
    onUse(reason)
    guard problem != reason else { return }
    problem = reason
    report(.error, "No named key works: \(reason)")
  }

  /// One look, on the pool or at the start.
  private static func look(_ path: String, _ known: LookState, at now: Duration) -> Found {
    let file = status(path)
    if let seen = known.seen, seen == file { return Found(state: known) }
    if let refused = known.refused, refused.file == file, now - refused.at < patience {
      return Found(state: known)
    }
    do throws(ConfigurationFile.Failure) {
      let (seen, records) = try read(path)
      return Found(state: LookState(seen: seen), contents: .success(records))
    } catch {
      return Found(state: LookState(refused: (file, now)), contents: .failure(error))
    }
  }

  /// What the file is now; nil if that cannot be told, and reading it will say why.
  private static func status(_ path: String) -> Seen? {
    do throws(UVError) {
      return .file(try Files.status(of: path))
    } catch {
      return error.code == .noSuchFileOrDirectory ? .absent : nil
    }
  }

  private static func read(
    _ path: String
  ) throws(ConfigurationFile.Failure) -> (Seen, [KeyRecord]) {
    let file: (status: FileStatus, bytes: [UInt8])
    do throws(ConfigurationFile.Failure) {
      file = try ConfigurationFile.read(path, limit: limit, isSecret: true)
    } catch {
      guard error.isAbsence else { throw error }
      return (.absent, [])
    }
    return (.file(file.status), try parse(file.bytes, path))
  }

  /// The keys in the contents of the file of that name.
  static func parse(
    _ bytes: [UInt8], _ path: String
  ) throws(ConfigurationFile.Failure) -> [KeyRecord] {
    do throws(JSONFileError) {
      return try KeysFile.parse(bytes, name: path)
    } catch {
      throw ConfigurationFile.Failure(description: "\(error); mend the file or move it away")
    }
  }
}
