import Basics
import HTTP
import Supervision
import UV

/// One probe over the network: a connection, and where a request is sent on it, the status of the
/// answer. A body is not read.
final class NetworkProbe {
  private let timer: Timer
  private var connector: Connector?
  private var stream: Stream?
  private let parser = ResponseParser(bodyBytes: 1 << 20)
  private let request: [UInt8]?
  private var onDone: ((ProbeResult) -> Void)?

  /// Begins.
  /// - Parameters:
  ///   - request: what is sent; nil if the connection is all that is wanted.
  ///   - timeout: for all of it, from when it is known whom to ask: until then it waits for the
  ///     daemon.
  ///   - onDone: called once, from the loop, unless it is given up.
  init(
    _ target: ProbeTarget, request: [UInt8]?, timeout: Duration, on loop: Loop,
    onDone: @escaping (ProbeResult) -> Void
  ) throws(UVError) {
    self.request = request
    self.onDone = onDone
    let timer = try Timer(on: loop)
    self.timer = timer
    do throws(UVError) {
      connector = try Connector(host: target.host, port: target.port, on: loop) {
        [weak self] in
        self?.begin(target.host, timeout)
      } then: { [weak self] in
        self?.connected($0)
      }
    } catch {
      timer.close()
      throw error
    }
  }

  private func begin(_ host: String, _ timeout: Duration) {
    timer.start(after: timeout) { [unowned self] in
      // The operator looks for the fault at the name servers then, and not at the server.
      let subject = connector?.isLookingUp == true && host.contains { $0.isLetter }
      finish(
        subject
          ? .failed("timed out after \(timeout.text), while '\(host)' was looked up")
          : .timedOut(after: timeout))
    }
  }

  /// What asks a server for a page, and for nothing after it.
  static func request(for target: ProbeTarget) -> [UInt8] {
    Array(
      """
      GET \(target.path) HTTP/1.1\r
      Host: \(target.authority)\r
      User-Agent: exeio\r
      Accept: */*\r
      Connection: close\r
      \r

      """.utf8)
  }

  /// Gives up: nothing is told any more.
  func cancel() {
    onDone = nil
    close()
  }

  private func close() {
    timer.close()
    connector?.cancel()
    connector = nil
    stream?.close()
    stream = nil
  }

  private func connected(_ result: Result<Stream, UVError>) {
    connector = nil
    switch result {
    case .failure(let error): finish(.failed(Self.words(error)))
    case .success(let stream):
      self.stream = stream
      guard let request else { return finish(.succeeded) }
      parser.expectResponse(to: "GET")
      stream.startReading { [unowned self] in
        received($0)
      } onEnd: { [unowned self] in
        ended($0)
      }
      stream.write(request) { [weak self] error in
        if let error { self?.finish(.failed(Self.words(error))) }
      }
    }
  }

  private func received(_ bytes: RawSpan) {
    var failure: String?
    do throws(ResponseParserError) {
      try parser.receive(bytes)
    } catch {
      failure = error.message
    }
    // A status that has come counts, whatever follows it.
    if let status = parser.latestStatus {
      finish(ProbeResult(httpStatus: status))
    } else if let failure {
      finish(.failed(failure))
    }
  }

  private func ended(_ error: UVError?) {
    finish(.failed(error.map(Self.words) ?? "the server closed the connection without an answer"))
  }

  private func finish(_ result: ProbeResult) {
    close()
    let onDone = self.onDone
    self.onDone = nil
    onDone?(result)
  }

  /// `connect 127.0.0.1:80: Connection refused`.
  static func words(_ error: UVError) -> String {
    guard let subject = error.subject else { return "\(error)" }
    return "\(error.operation) \(subject): \(error.reason)"
  }
}
