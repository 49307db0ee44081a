import HTTP
import UV

/// The listening sockets and the connections they brought.
final class HTTPServer {
  private let loop: Loop
  private let limits: ServerLimits
  private let maxConnections: Int
  private var listeners: [Listener] = []
  private var handedListeners: [Listener] = []
  private var connections: [ObjectIdentifier: HTTPConnection] = [:]
  private var isClosing = false
  /// The requests that were answered so far.
  private(set) var answered = RequestCounts()
  private let refusal: (RefusedRequest) -> Response
  /// What one connection too many is told, without waiting for its request, and the bytes of that.
  private let tooManyConnections: (response: Response, bytes: [UInt8])
  private let date: () -> String
  /// Called for each request; the answer goes to `HTTPConnection.respond`.
  var onRequest: ((HTTPConnection, RequestID, Request) -> Void)?
  /// Called with what an administrator should know: connections that could not be taken.
  var onError: ((String) -> Void)?
  /// Called with what never becomes a request: the address of the client, what it asked for, nil where that
  /// was not waited for, and the answer, nil where the connection is closed without one.
  var onRefused: ((String, RefusedRequest?, Response?) -> Void)?
  /// Where it listens on TCP: `127.0.0.1:8080`, `[::1]:8080`.
  var addresses: [String] { listeners.filter { $0.port != nil }.map(\.address) }

  /// - Parameters:
  ///   - refusal: the answer to a request that is no HTTP, or one too many.
  ///   - date: the value of the Date field, now.
  init(
    on loop: Loop, maxConnections: Int, limits: ServerLimits = ServerLimits(),
    refusal: @escaping (RefusedRequest) -> Response, date: @escaping () -> String
  ) {
    self.loop = loop
    self.maxConnections = maxConnections
    self.limits = limits
    self.refusal = refusal
    self.date = date
    var response = refusal(
      RefusedRequest(.serviceUnavailable, "too many connections; try again later"))
    response.headers.add("Retry-After", "1")
    tooManyConnections = (response, response.finalBytes)
  }

  /// How many connections there are now.
  var connectionCount: Int { connections.count }

  /// Listens on TCP. Returns the port that is bound. Throws what `bind(2)` or the resolver says.
  func listen(host: String, port: UInt16) throws(UVError) -> UInt16 {
    let added = try Listener.tcp(host: host, port: port, on: loop) { [self] in accepted($0) }
    keep(added)
    return added.lazy.compactMap(\.port).first ?? port
  }

  /// Listens on a Unix socket.
  func listen(socketPath: String) throws(UVError) {
    keep([try Listener.unix(path: socketPath, mode: 0o660, on: loop) { [self] in accepted($0) }])
  }

  /// Listens on a socket that the service manager has bound.
  func adopt(_ socket: HandedSocket) throws(UVError) {
    let added = [try Listener.adopting(socket, on: loop) { [self] in accepted($0) }]
    keep(added)
    handedListeners += added
  }

  /// Takes no more connections from the sockets that the service manager has bound: who connects from now on
  /// waits there, and is served by the daemon after this one.
  func leaveHandedSockets() {
    for listener in handedListeners { listener.close() }
    listeners.removeAll { listener in handedListeners.contains { $0 === listener } }
    handedListeners = []
  }

  /// Takes no more connections, lets those there end in order, and ends what is left after `grace`.
  func close(grace: Duration) throws(UVError) {
    isClosing = true
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
    }
    listeners += added
  }

  private func accepted(_ stream: UV.Stream) {
    let isFull = connections.count >= maxConnections
    let peer = stream.peer
    guard !isClosing, connections.count < maxConnections + Self.maxRefusing else {
      stream.close()
      onRefused?(peer, nil, nil)
      return
    }
    let count = { [weak self] (method: String, status: Status) -> Void in
      self?.answered.count(method: method, status)
    }
    do throws(UVError) {
      let connection = try HTTPConnection(
        stream, on: loop, limits: limits, refusal: noting(peer), date: date,
        onAnswered: count
      ) { [weak self] connection, id, request in
        self?.onRequest?(connection, id, request)
      } onClosed: { [weak self] connection in
        self?.closed(connection)
      }
      connections[ObjectIdentifier(connection)] = connection
      if isFull {
        connection.refuse(tooManyConnections.bytes)
        onRefused?(peer, nil, tooManyConnections.response)
      }
    } catch {
      onError?("Could not serve a connection: \(error)")
      stream.close()
    }
  }

  /// The answer to what this client sends that is no HTTP; it is told to `onRefused` as well.
  private func noting(_ peer: String) -> (RefusedRequest) -> Response {
    { [refusal, weak self] request in
      let response = refusal(request)
      self?.onRefused?(peer, request, response)
      return response
    }
  }

  private func closed(_ connection: HTTPConnection) {
    connections[ObjectIdentifier(connection)] = nil
    if connections.isEmpty, let timer = graceTimer {
      graceTimer = nil
      timer.close()
    }
  }

  /// How many connections beyond the limit are told so; the rest are closed without a word.
  private static let maxRefusing = 128
}
