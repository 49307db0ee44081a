import CLibUV
import Synchronization

/// Looks names up as getaddrinfo(3) does, by hosts(5) and the name servers of resolv.conf(5),
/// without a thread for a look-up: the servers are asked on the loop.
///
/// The files are read on the pool, before a look-up and at most once a second, so that a change
/// counts from then on. All look-ups wait for the same reading: it takes one thread of the pool,
/// whatever hangs.
package final class Resolver: LoopPart {
  /// How long things last.
  struct Times: Sendable {
    /// How long what was read counts, and how long the look-ups that begin share their sockets.
    var freshness: Duration = .seconds(1)
    /// How often it is looked whether the reading takes long.
    var interval: Duration = .seconds(1)
    /// How many intervals a thread may be at the reading.
    var mostIntervals = 5
    /// How long a server has to answer at first, in milliseconds; then twice and four times that. A
    /// health check has three seconds, and is to reach a second server.
    var firstTimeout: Int32 = 1000
  }

  private unowned let loop: Loop
  private let readFiles: @Sendable (NameFiles.Contents?) -> NameFiles.Contents
  private let port: UInt16
  private let times: Times
  /// Whether the files are read at once, for a program that has nothing else to do.
  private let isBlocking: Bool

  private var contents: NameFiles.Contents?
  private var readAt: Duration?
  /// Those that are asked by the look-ups that begin now, which hold them: their timers hold the
  /// loop, which holds this.
  private weak var servers: NameServers?
  private var serversSince = Duration.zero

  private var waiting: [LookUp] = []
  private var reading: PoolWork?
  /// Whether a thread of the pool is at the reading.
  private var hasBegun = Begun()
  private var intervals = 0
  private var intervalTimer: Timer?

  private final class Begun: Sendable {
    let value = Atomic(false)
  }

  /// A resolver that has nothing to do, and nothing on the loop.
  init(
    on loop: Loop, port: UInt16 = 53, times: Times = Times(), isBlocking: Bool = false,
    readFiles: @escaping @Sendable (NameFiles.Contents?) -> NameFiles.Contents = {
      NameFiles().read(after: $0)
    }
  ) {
    self.loop = loop
    self.port = port
    self.times = times
    self.isBlocking = isBlocking
    self.readFiles = readFiles
  }

  /// The one of a loop.
  convenience init(on loop: Loop) {
    self.init(on: loop, port: 53)
  }

  /// Its look-ups end by themselves, or are given up.
  func close() {}

  /// Looks up the addresses of a host. Their ports are 0.
  ///
  /// - Parameters:
  ///   - host: a name or a number.
  ///   - onBegin: called once, when it is known whom to ask: what was waited for until then is no
  ///     fault of a server. It may be called before this returns.
  ///   - then: called once, from the loop, unless the look-up is given up.
  /// - Returns: what can be given up.
  func lookUp(
    _ host: String, onBegin: @escaping () -> Void = {},
    then: @escaping (Result<[SocketAddress], UVError>) -> Void
  ) throws(UVError) -> LookUp {
    let lookUp = try LookUp(host, on: loop, onBegin: onBegin, then: then) { [weak self] in
      self?.ended($0)
    }
    if let addresses = KnownNames.knownAddresses(of: host) {
      onBegin()
      lookUp.finish(.success(addresses))
    } else if !KnownNames.isPossible(host) {
      onBegin()
      lookUp.finish(.failure(.notAName))
    } else if isBlocking {
      contents = readFiles(nil)
      begin(lookUp)
    } else if let readAt, loop.now - readAt < times.freshness {
      begin(lookUp)
    } else {
      waiting.append(lookUp)
      try read()
    }
    return lookUp
  }

  private func begin(_ lookUp: LookUp) {
    guard let contents else { return }
    lookUp.begin(contents) { [self] () throws(UVError) in try currentServers(contents) }
  }

  private func currentServers(_ contents: NameFiles.Contents) throws(UVError) -> NameServers {
    if let servers, !servers.isClosed, loop.now - serversSince < times.freshness { return servers }
    let new = try NameServers(
      contents.configuration, port: port, firstTimeout: times.firstTimeout, on: loop)
    servers = new
    serversSince = loop.now
    return new
  }

  private func read() throws(UVError) {
    if intervalTimer == nil {
      let intervalTimer = try Timer(on: loop)
      self.intervalTimer = intervalTimer
      intervals = 0
      intervalTimer.start(after: times.interval, repeating: times.interval) { [unowned self] in
        intervalEnded()
      }
    }
    guard reading == nil else { return }
    let begun = Begun()
    hasBegun = begun
    reading = PoolWork.run(on: loop, .start(place: "/etc")) { [readFiles, contents] in
      begun.value.store(true, ordering: .relaxed)
      return readFiles(contents)
    } then: { [weak self] contents in
      guard let self else { return }
      reading = nil
      self.contents = contents
      readAt = loop.now
      beginAll()
    }
  }

  /// What was read earlier is better than nothing, also where the pool is busy; without it, only
  /// the time counts in which a thread was at it.
  private func intervalEnded() {
    if contents != nil { return beginAll() }
    if hasBegun.value.load(ordering: .relaxed) { intervals += 1 }
    guard intervals >= times.mostIntervals else { return }
    for lookUp in takeAll() { lookUp.finish(.failure(.filesSilent)) }
  }

  private func beginAll() {
    for lookUp in takeAll() { begin(lookUp) }
  }

  private func takeAll() -> [LookUp] {
    let all = waiting
    waiting = []
    stopTimer()
    return all
  }

  private func stopTimer() {
    intervalTimer?.close()
    intervalTimer = nil
  }

  private func ended(_ lookUp: LookUp) {
    guard let index = waiting.firstIndex(where: { $0 === lookUp }) else { return }
    waiting.remove(at: index)
    guard waiting.isEmpty else { return }
    stopTimer()
    // A reading that no thread has begun is not begun any more; one that hangs is not followed by a
    // second one.
    guard !hasBegun.value.load(ordering: .relaxed) else { return }
    reading?.cancel()
    reading = nil
  }
}

extension Loop {
  /// Looks up the names that are connected to.
  var resolver: Resolver { part(Resolver.self) }
}
