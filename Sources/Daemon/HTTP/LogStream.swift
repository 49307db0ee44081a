import API
import Basics
import HTTP
import Logs
import Supervision
import UV

/// The log of a process on its way to one client, as it comes. What the client has not taken is
/// bounded: as long as there is no room, nothing is asked of the log.
final class LogStream {
  private let query: LogStreamQuery
  private let writer: LogStreamWriter
  private let clock: Clock
  private let onEnd: (LogStream) -> Void
  private var request: PendingRequest?
  private var follower: LogFollower?
  private var closingReason: () -> StreamEnd = { .removed }
  /// How many lines may still be sent; nil if there is no limit.
  private var left: Int?
  private var isAsking = false
  private var isAdvancing = false
  /// When something was last sent.
  private(set) var sentAt: Duration

  /// The named key that it was asked for with; nil if that is not one of those.
  let namedKey: String?

  /// - Parameter onEnd: called once, when nothing more is sent.
  init(
    _ query: LogStreamQuery, _ writer: LogStreamWriter, namedKey: String?, clock: Clock,
    onEnd: @escaping (LogStream) -> Void
  ) {
    self.query = query
    self.writer = writer
    self.namedKey = namedKey
    self.clock = clock
    self.onEnd = onEnd
    left = query.limit
    sentAt = clock.monotonic()
  }

  /// Begins.
  /// - Parameters:
  ///   - request: the answer to which has begun; nil if its client has gone.
  ///   - closingReason: why the stream ends when the log closes.
  func begin(
    _ log: Log, _ request: PendingRequest?, closingReason: @escaping () -> StreamEnd
  ) {
    guard let request else { return end() }
    self.request = request
    self.closingReason = closingReason
    send(writer.beginning)
    follower = log.follow(query.lines, for: request.pageRequester)
    advance()
  }

  /// Asks for what comes, as long as the client takes it.
  func advance() {
    guard !isAdvancing else { return }
    isAdvancing = true
    defer { isAdvancing = false }
    while let follower, !isAsking, let request, request.connection.streamRoom > 0 {
      isAsking = true
      follower.next { [self] item in
        isAsking = false
        // What is sent may leave at once, and tell that there is room.
        let wasAdvancing = isAdvancing
        isAdvancing = true
        take(item)
        isAdvancing = wasAdvancing
        advance()
      }
    }
  }

  private func take(_ item: LogFollower.Item) {
    switch item {
    case .lines(let block): send(block)
    case .live(let newest):
      send(writer.live(newest))
      if !query.follows { finish(nil) }
    case .gap(let gap, let epoch):
      send(
        writer.gap(
          from: gap.from, to: LogCursor(epoch: epoch, number: gap.to), reason: gap.reason.rawValue))
    case .ended: finish(closingReason())
    // To the client it is as if the network had failed: it tries again.
    case .failed: request?.connection.close()
    }
  }

  private func send(_ block: LogBlock) {
    guard !query.lines.wantsAll || left != nil else {
      return send(
        block.rendering(query.format.rawValue) { [writer] in
          writer.lines($0.lines, epoch: $0.epoch)
        })
    }
    let lines = block.lines(matching: query.lines).prefix(left ?? .max)
    send(writer.lines(lines, epoch: block.epoch))
    left = left.map { $0 - lines.count }
    if left == 0 { finish(.limit) }
  }

  private func send(_ bytes: [UInt8]) {
    guard let request, !bytes.isEmpty else { return }
    sentAt = clock.monotonic()
    request.connection.send(bytes, to: request.id)
  }

  /// Tells a client that has heard nothing for a while that the stream is there.
  func comment() { send(writer.comment) }

  /// Ends the stream in order.
  /// - Parameter reason: what the client is told; nil for nothing.
  func finish(_ reason: StreamEnd?) {
    guard let request else { return }
    if let reason { send(writer.end(reason)) }
    end()
    request.connection.endStream(request.id)
  }

  /// The client has gone.
  func cancel() { end() }

  private func end() {
    follower?.close()
    follower = nil
    request = nil
    onEnd(self)
  }
}
