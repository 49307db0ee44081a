import HTTP
import UV

/// The listening sockets and the connections they brought.
final class HTTPServer {
  private let loop: Loop
  private let limits: ServerLimits
  private let maxConnections: Int
  private var listeners: [Listener] = []
  private var connections: [ObjectIdentifier: HTTPConnection] = [:]
  private var isClosing = false
  /// The requests that were answered so far.
  private(set) var answered = RequestCounts()
  private let refusal: (Status, String) -> Response
  private let date: () -> String
  /// Called for each request; the answer goes to `HTTPConnection.respond`.
  var onRequest: ((HTTPConnection, RequestID, Request) -> Void)?
  /// Called with what an administrator should know: connections that could not be taken.
  var onError: ((String) -> Void)?

  /// - Parameters:
  ///   - refusal: the answer to a request that is no HTTP, from the status and what is wrong.
  ///   - date: the value of the Date field, now.
  init(
    on loop: Loop, maxConnections: Int, limits: ServerLimits = ServerLimits(),
    refusal: @escaping (Status, String) -> Response, date: @escaping () -> String
  ) {
    self.loop = loop
    self.maxConnections = maxConnections
    self.limits = limits
    self.refusal = refusal
    self.date = date
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
    keep([try Listener.adopting(socket, on: loop) { [self] in accepted($0) }])
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
    guard !isClosing, connections.count < maxConnections + Self.maxRefusing else {
      stream.close()
      return
    }
    let count = { [weak self] (method: String, status: Status) -> Void in
      self?.answered.count(method: method, status)
    }
    do throws(UVError) {
      let connection = try HTTPConnection(
        stream, on: loop, limits: limits, refusal: refusal, date: date,
        onAnswered: count
      ) { [weak self] connection, id, request in
        self?.onRequest?(connection, id, request)
      } onClosed: { [weak self] connection in
        self?.closed(connection)
      }
      connections[ObjectIdentifier(connection)] = connection
      if isFull { connection.refuse(Self.tooManyConnections) }
    } catch {
      onError?("Could not serve a connection: \(error)")
      stream.close()
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

  /// What one connection too many is told, without waiting for its request.
  private static let tooManyConnections: [UInt8] = {
    let message = #"{"success":false,"message":"too many connections; try again later"}"# + "\n"
    let head = [
      "HTTP/1.1 503 Service Unavailable", "Content-Type: application/json",
      "Content-Length: \(message.utf8.count)", "Retry-After: 1", "Connection: close", "", "",
    ]
    return Array((head.joined(separator: "\r\n") + message).utf8)
  }()
}
