package import HTTP
package import UV

/// The listening sockets and the connections they brought.
package final class HTTPServer {
  private let loop: Loop
  private let maxConnections: Int
  /// From this descriptor on, they are kept back for restarts, log files and probes.
  private let firstReservedDescriptor: Int
  private let bodies: ByteBudget
  private let settings: HTTPConnection.Settings
  /// What answers may take that have not been read.
  package let answers: AnswerBudget
  private let pressure: UV.Timer
  /// What clients have run into.
  let limitAlarms: LimitAlarms
  /// Says whether requests wait because there is no room for their answers.
  package var hasWaitingReaders: () -> Bool = { false }
  private var listeners: [Listener] = []
  private var handedListeners: [Listener] = []
  private var connections: [ObjectIdentifier: HTTPConnection] = [:]
  /// How many are served, by whether they came over a Unix socket; how many are told that there are
  /// too many.
  private var served: [Bool: Int] = [:]
  private var refusing = 0
  private var isClosing = false
  /// The requests that were answered so far.
  private(set) var answered = RequestCounts()
  private let refusal: (RefusedRequest) -> Response
  /// What one connection too many is told, without waiting for its request, and the bytes of that.
  private let tooManyConnections: (response: Response, bytes: [UInt8])
  /// Called for each request with a body when its header is complete: what it is refused with.
  var judge: ((HTTPConnection, Request) -> Response?)?
  /// Called with how much memory is free again, that of requests that were given up included: their
  /// connection has nothing that waits for the client.
  package var onReleased: ((_ bytes: Int) -> Void)? {
    get { bodies.onFreed }
    set { bodies.onFreed = newValue }
  }
  /// Called for each request; the answer goes to `HTTPConnection.respond`.
  package var onRequest: ((HTTPConnection, RequestID, Request) -> Void)?
  /// Called with what an administrator should know: connections that could not be taken.
  var onError: ((String) -> Void)?
  /// Called with what never becomes a request: the address of the client, what it asked for, nil
  /// where that was not waited for, and the answer, nil if the connection is closed without one.
  var onRefused: ((String, RefusedRequest?, Response?) -> Void)?
  /// Where it listens on TCP: `127.0.0.1:8080`, `[::1]:8080`.
  var addresses: [String] { listeners.filter { $0.port != nil }.map(\.address) }

  /// - Parameters:
  ///   - maxConnections: how many are served at once on TCP, and as many on Unix sockets.
  ///   - firstReservedDescriptor: connections take none from this number on.
  ///   - refusal: the answer to a request that is no HTTP, or one too many.
  ///   - date: the value of the Date field, now.
  package init(
    on loop: Loop, maxConnections: Int, firstReservedDescriptor: Int = .max,
    limits: ServerLimits = ServerLimits(), times: HTTPConnection.Times,
    answers: AnswerBudget = AnswerBudget(),
    refusal: @escaping (RefusedRequest) -> Response, date: @escaping () -> String
  ) throws(UVError) {
    pressure = try UV.Timer(on: loop)
    pressure.unref()
    limitAlarms = try LimitAlarms(on: loop)
    self.firstReservedDescriptor = firstReservedDescriptor
    self.answers = answers
    let bodies = ByteBudget(limit: Self.maxBodyBytes)
    self.bodies = bodies
    settings = HTTPConnection.Settings(
      limits: limits, bodies: bodies, answers: answers, times: times, date: date)
    self.loop = loop
    self.maxConnections = maxConnections
    self.refusal = refusal
    var response = refusal(
      RefusedRequest(.serviceUnavailable, "too many connections; try again later"))
    response.headers.add("Retry-After", "1")
    tooManyConnections = (response, response.finalBytes)
  }

  /// How many connections there are now.
  package var connectionCount: Int { connections.count }

  /// Listens on TCP. Returns the port that is bound. Throws what `bind(2)` or the resolver says.
  func listen(host: String, port: UInt16) throws(UVError) -> UInt16 {
    let added = try Listener.tcp(host: host, port: port, on: loop) { [self] in accepted($0) }
    keep(added)
    return added.lazy.compactMap(\.port).first ?? port
  }

  /// Listens on a Unix socket.
  package func listen(socketPath: String) throws(UVError) {
    keep([try Listener.unix(path: socketPath, mode: 0o660, on: loop) { [self] in accepted($0) }])
  }

  /// Listens on a socket that the service manager has bound.
  func adopt(_ socket: HandedSocket) throws(UVError) {
    let added = [try Listener.adopting(socket, on: loop) { [self] in accepted($0) }]
    keep(added)
    handedListeners += added
  }

  /// Takes no more connections from the sockets that the service manager has bound: who connects
  /// from now on waits there, and is served by the daemon after this one.
  func leaveHandedSockets() {
    for listener in handedListeners { listener.close() }
    listeners.removeAll { listener in handedListeners.contains { $0 === listener } }
    handedListeners = []
  }

  /// Takes no more connections, lets those there end in order, and ends what is left after `grace`.
  package func close(grace: Duration) throws(UVError) {
    isClosing = true
    pressure.close()
    limitAlarms.close()
    for listener in listeners { listener.close() }
    listeners = []
    for connection in connections.values { connection.beginClosing() }
    guard !connections.isEmpty else { return }
    let timer = try UV.Timer(on: loop)
    timer.unref()
    graceTimer = timer
    timer.start(after: grace) { [self] in
      for connection in connections.values { connection.close() }
    }
  }

  private var graceTimer: UV.Timer?

  private func keep(_ added: [Listener]) {
    for listener in added {
      listener.onError = { [self] error in onError?("Could not take a connection: \(error)") }
      listener.firstReservedDescriptor = Int32(clamping: firstReservedDescriptor)
      listener.makesRoom = { [self] peer in makesRoom(for: peer) }
    }
    listeners += added
  }

  private func accepted(_ stream: UV.Stream) {
    let peer = stream.peer
    let isUnix = stream.isUnix
    var isFull = served[isUnix, default: 0] >= maxConnections
    if isFull, !isClosing { limitAlarms.reach(isUnix ? .unixConnections : .tcpConnections) }
    if isFull, let silent = expendable(where: { $0.isUnix == isUnix }) {
      silent.close()
      isFull = false
    }
    guard !isClosing, !isFull || refusing < Self.maxRefusing else {
      stream.close()
      onRefused?(peer, nil, nil)
      return
    }
    do throws(UVError) {
      let connection = try HTTPConnection(stream, on: loop, settings, handlers(peer))
      connections[ObjectIdentifier(connection)] = connection
      if isFull {
        refusing += 1
        connection.refuse(tooManyConnections.bytes)
        onRefused?(peer, nil, tooManyConnections.response)
      } else {
        served[isUnix, default: 0] += 1
      }
    } catch {
      onError?("Could not serve a connection: \(error)")
      stream.close()
    }
  }

  private func handlers(_ peer: String) -> HTTPConnection.Handlers {
    HTTPConnection.Handlers(
      refusal: { [self] request in
        let response = refusal(request)
        onRefused?(peer, request, response)
        return response
      },
      judge: { [self] in judge?($0, $1) },
      onRequest: { [self] in onRequest?($0, $1, $2) },
      onAnswered: { [self] in answered.count(method: $0, $1) },
      onQueued: { [self] in watchPressure() },
      onClosed: { [self] in closed($0) })
  }

  /// The connection that goes first when there is no room: of those without a right key and without
  /// a request under way the one that has been silent for the longest time.
  private func expendable(where isMeant: @escaping (HTTPConnection) -> Bool) -> HTTPConnection? {
    connections.values.lazy.filter { $0.isExpendable && isMeant($0) }
      .min { $0.silentSince < $1.silentSince }
  }

  /// Descriptors are short: a newcomer takes the place of a silent connection. A few connections
  /// are taken in any case, or the daemon could not be told to stop what has taken the descriptors.
  private func makesRoom(for peer: String) -> Bool {
    if !isClosing { limitAlarms.reach(.descriptors) }
    if connections.count < Self.alwaysTaken { return true }
    guard let silent = expendable(where: { _ in true }) else {
      onRefused?(peer, nil, nil)
      return false
    }
    silent.close()
    return true
  }

  /// Closes the connection that has been silent for the longest time, of those without a right key.
  /// - Returns: whether there was one.
  func closeSilent() -> Bool {
    guard let silent = expendable(where: { _ in true }) else { return false }
    silent.close()
    return true
  }

  /// Looks after a moment whether answers that their clients do not read keep others waiting.
  private func watchPressure() {
    guard !isClosing, !pressure.isActive, !answers.hasRoomForPages else { return }
    pressure.start(after: Self.pressureInterval) { [self] in
      relievePressure()
      watchPressure()
    }
  }

  /// Closes those whose clients have left something unread for the longest time, while others wait
  /// for that memory.
  private func relievePressure() {
    let now = settings.times.now()
    while !answers.hasRoomForPages, answers.hasWaiting || hasWaitingReaders() {
      let slow = connections.values.lazy
        .compactMap { connection in connection.unreadSince.map { (connection, $0) } }
        .filter { now - $0.1 >= Self.patience }
        .min { $0.1 < $1.1 }
      guard let slow else { return }
      slow.0.close()
    }
  }

  private func closed(_ connection: HTTPConnection) {
    connections[ObjectIdentifier(connection)] = nil
    if connection.isRefused {
      refusing -= 1
    } else {
      served[connection.isUnix, default: 0] -= 1
    }
    onReleased?(Self.connectionBytes + connection.mostCountedBytes)
    if connections.isEmpty, let timer = graceTimer {
      graceTimer = nil
      timer.close()
    }
  }

  /// How many connections beyond the limit are told so; the rest are closed without a word.
  private static let maxRefusing = 128
  /// How many connections are taken however short descriptors are.
  private static let alwaysTaken = 4
  /// What the bodies of all connections may take together.
  private static let maxBodyBytes = 32 << 20
  /// What a connection takes by itself, about.
  private static let connectionBytes = 16 << 10
  private static let pressureInterval: Duration = .seconds(1)
  /// How long an answer may be under way while others wait for its memory.
  private static let patience: Duration = .seconds(5)
}
