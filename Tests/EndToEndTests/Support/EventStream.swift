import Foundation

/// One client of a stream of server-sent events, with chunks and events taken apart.
final class EventStream {
  /// One event.
  struct Event {
    /// Nil for a line.
    var name: String?
    var id: String?
    var data: [String: Any] = [:]

    var number: Int? { data["seq"] as? Int }
    var text: String? { data["text"] as? String }
  }

  private let socket: TestSocket
  /// What has come and is not taken apart yet: of the connection, and of the body.
  private var received: [UInt8] = []
  private var body: [UInt8] = []
  /// How much of each has been taken.
  private var receivedStart = 0
  private var bodyStart = 0
  private var hasEnded = false
  let head: Answer
  /// The cursor of the latest event that had one.
  private(set) var lastID: String?

  /// Asks for a stream, and reads the beginning of the answer.
  init(_ daemon: DaemonUnderTest, _ path: String, lastID: String? = nil) throws {
    socket = try daemon.connect()
    self.lastID = lastID
    let resume = lastID.map { "Last-Event-ID: \($0)\r\n" } ?? ""
    try socket.send(
      "GET \(daemon.path(path)) HTTP/1.1\r\nHost: localhost\r\nexeio-api-key: test-key\r\n\(resume)\r\n"
    )
    let separator = Array("\r\n\r\n".utf8)
    while received.firstRange(of: separator) == nil {
      let chunk = try socket.receive()
      guard !chunk.isEmpty else {
        throw TestSocket.Failure(
          description: "no answer: \(String(decoding: received, as: UTF8.self))")
      }
      received += chunk
    }
    let end = received.firstRange(of: separator) ?? 0..<0
    head = try Answer(head: String(decoding: received[..<end.lowerBound], as: UTF8.self))
    received.removeSubrange(..<end.upperBound)
  }

  /// The next event; nil at the end of the stream, or of the connection.
  func next() throws -> Event? {
    let separator = Array("\n\n".utf8)
    while true {
      if let end = body[bodyStart...].firstRange(of: separator) {
        let text = String(decoding: body[bodyStart..<end.lowerBound], as: UTF8.self)
        bodyStart = end.upperBound
        if let event = try Self.event(text) {
          if let id = event.id { lastID = id }
          return event
        }
        continue
      }
      guard try readMore() else { return nil }
    }
  }

  /// All events up to one, that included; to the end of the stream where none is it.
  func events(upTo isLast: (Event) -> Bool) throws -> [Event] {
    var events: [Event] = []
    while let event = try next() {
      events.append(event)
      if isLast(event) { break }
    }
    return events
  }

  private func readMore() throws -> Bool {
    while !hasEnded {
      if takeChunk() { return true }
      if hasEnded { break }
      let bytes: [UInt8]
      do { bytes = try socket.receive() } catch { bytes = [] }
      // A daemon that was killed ends the connection in the middle of a chunk.
      if bytes.isEmpty { hasEnded = true }
      received.removeSubrange(..<receivedStart)
      receivedStart = 0
      received += bytes
    }
    return false
  }

  private func takeChunk() -> Bool {
    let rest = received[receivedStart...]
    guard let line = rest.firstRange(of: Array("\r\n".utf8)),
      let length = Int(String(decoding: rest[..<line.lowerBound], as: UTF8.self), radix: 16),
      received.count >= line.upperBound + length + 2
    else { return false }
    body.removeSubrange(..<bodyStart)
    bodyStart = 0
    body += received[line.upperBound..<(line.upperBound + length)]
    receivedStart = line.upperBound + length + 2
    if length == 0 { hasEnded = true }
    return length > 0
  }

  private static func event(_ text: String) throws -> Event? {
    var event = Event()
    var data: String?
    for line in text.split(separator: "\n") where !line.hasPrefix(":") {
      let parts = line.split(separator: ":", maxSplits: 1)
      let value = parts.count == 2 ? String(parts[1].drop { $0 == " " }) : ""
      switch parts[0] {
      case "event": event.name = value
      case "id": event.id = value
      case "data": data = value
      default: break
      }
    }
    guard let data else { return nil }
    let object = try JSONSerialization.jsonObject(with: Data(data.utf8))
    event.data = object as? [String: Any] ?? [:]
    return event
  }
}
