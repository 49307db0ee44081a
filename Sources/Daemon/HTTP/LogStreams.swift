import API
import HTTP
import Logs
import Supervision
import UV

/// The streams of logs to clients: begins and ends them, and lets those hear of it that hear
/// nothing else.
final class LogStreams {
  /// How many there may be at once.
  static let limit = 256
  /// How often it is looked which streams have been silent for long, and for how long they may be.
  private static let interval: Duration = .seconds(5)
  private static let silence: Duration = .seconds(10)

  private let context: DaemonContext
  private let logs: ProcessLogs
  private let requests: RequestDispatcher
  private let namedKeys: NamedKeysFile
  private let timer: Timer
  private var streams: [ObjectIdentifier: LogStream] = [:]
  /// Why streams end whose log closes.
  private var closingReason = StreamEnd.removed

  init(
    _ context: DaemonContext, _ logs: ProcessLogs, _ requests: RequestDispatcher,
    _ namedKeys: NamedKeysFile
  ) throws(UVError) {
    self.namedKeys = namedKeys
    self.context = context
    self.logs = logs
    self.requests = requests
    timer = try Timer(on: context.loop)
    timer.unref()
  }

  /// Begins to send the log of one process or copy, or the supervisor's own.
  func begin(_ process: String, _ query: LogStreamQuery, _ ticket: Ticket) {
    guard let log = logs.log(named: process), !log.isRefused else {
      return requests.answer(
        ticket, with: Answers.refused(.internalServerError, ProcessLogs.refusal(of: process)))
    }
    let writer = LogStreamWriter(query.format)
    if requests[ticket].record.isHead { return requests.answerHead(ticket, with: writer.head) }
    guard streams.count < Self.limit else { return refuse(ticket) }
    let key = requests[ticket].record.key.flatMap { requests.hasNamedKey($0) == true ? $0 : nil }
    let stream = LogStream(query, writer, namedKey: key, clock: context.clock) { [self] stream in
      streams[ObjectIdentifier(stream)] = nil
      if streams.isEmpty { timer.stop() }
    }
    streams[ObjectIdentifier(stream)] = stream
    if !timer.isActive {
      timer.start(after: Self.interval, repeating: Self.interval) { [self] in keepAlive() }
    }
    let request = requests.beginStream(
      ticket, with: writer.head,
      onRoom: { [weak stream] in stream?.advance() },
      onGone: { [weak stream] in stream?.cancel() })
    stream.begin(log, request, closingReason: { [self] in closingReason })
  }

  private func refuse(_ ticket: Ticket) {
    var response = Answers.refused(
      .serviceUnavailable,
      "\(Self.limit) streams are open, which is as many as there may be; try again later")
    response.headers.add("Retry-After", "1")
    requests.answer(ticket, with: response)
  }

  private func keepAlive() {
    let now = context.now
    for stream in streams.values where now - stream.sentAt >= Self.silence { stream.comment() }
    // A key that is removed is found so by the next request that brings it; a stream brings none.
    guard streams.values.contains(where: { $0.namedKey != nil }) else { return }
    namedKeys.look { [self] in endThoseWithoutKey() }
  }

  private func endThoseWithoutKey() {
    for stream in streams.values {
      guard let key = stream.namedKey, requests.hasNamedKey(key) == false else { continue }
      stream.finish(.key)
    }
  }

  /// The supervisor ends: those streams end with their logs that have not ended before.
  func beginShutdown() { closingReason = .shutdown }

  func close() { timer.close() }
}
