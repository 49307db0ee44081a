import CHTTPParser

/// One http-parser and what it said of the message that it is at.
///
/// The C structs lie on the heap: `http_parser_execute(&parser, …)` with a callback that reads
/// `parser` would be two accesses at once.
final class MessageParser {
  /// Which kind of message it reads.
  enum Kind {
    case request, response
  }

  private let parser: UnsafeMutablePointer<http_parser>
  private let settings: UnsafeMutablePointer<http_parser_settings>
  private let kind: Kind

  /// The header has been read to its end.
  private(set) var hasHeaders = false
  /// The message has been read to its end.
  private(set) var isComplete = false
  /// Whether the connection may carry another message after this one; known with the headers.
  private(set) var keepsAlive = false
  /// The length of the chunk that the last bytes announced; its reader takes it away.
  var chunkLength: UInt64?
  /// What came of the body so far, without framing; its reader may take it away.
  var body: [UInt8] = []
  /// For responses: tells whether this one has no body whatever its headers say (`HEAD`).
  var skipsBody = false
  /// For responses: the reason and the fields.
  private(set) var reason: [UInt8] = []
  private(set) var fields = FieldCollector()

  /// A parser at the beginning of a request or a response.
  init(_ kind: Kind) {
    self.kind = kind
    self.parser = .allocate(capacity: 1)
    self.settings = .allocate(capacity: 1)
    parser.initialize(to: http_parser())
    settings.initialize(to: http_parser_settings())
    http_parser_settings_init(settings)
    http_parser_init(parser, kind.type)
    parser.pointee.data = Unmanaged.passUnretained(self).toOpaque()
    settings.pointee.on_headers_complete = { MessageParser.of($0).headersCompleted() }
    settings.pointee.on_message_complete = { MessageParser.of($0).messageCompleted() }
    settings.pointee.on_chunk_header = { MessageParser.of($0).chunkBegan() }
    settings.pointee.on_body = { MessageParser.of($0).bodyArrived($1, $2) }
    if kind == .response {
      settings.pointee.on_status = { MessageParser.of($0).reasonArrived($1, $2) }
      settings.pointee.on_header_field = { MessageParser.of($0).nameArrived($1, $2) }
      settings.pointee.on_header_value = { MessageParser.of($0).valueArrived($1, $2) }
    }
  }

  deinit {
    parser.deallocate()
    settings.deallocate()
  }

  /// Forgets the last message and stands at the beginning of the next one.
  func reset() {
    http_parser_init(parser, kind.type)
    hasHeaders = false
    isComplete = false
    chunkLength = nil
    if !body.isEmpty { body = [] }
    if kind == .response {
      reason = []
      fields = FieldCollector()
    }
  }

  /// Reads bytes of the message and returns how many of them it took: all, unless the message
  /// ended before. Throws what http-parser says when it is at odds with them (`http_errno`).
  func execute(_ bytes: UnsafeRawBufferPointer) throws(MessageParserError) -> Int {
    guard let base = bytes.baseAddress, bytes.count > 0 else { return 0 }
    return try execute(base.assumingMemoryBound(to: CChar.self), bytes.count)
  }

  /// Tells it that no more bytes come; throws where the message is not whole.
  func executeEnd() throws(MessageParserError) {
    _ = try execute(nil, 0)
  }

  private func execute(_ base: UnsafePointer<CChar>?, _ count: Int) throws(MessageParserError)
    -> Int
  {
    let taken = http_parser_execute(parser, settings, base, count)
    let code = parser.pointee.http_errno
    if code == HPE_PAUSED.rawValue {
      http_parser_pause(parser, 0)
      return taken
    }
    guard code == HPE_OK.rawValue else { throw MessageParserError(code: code) }
    return taken
  }

  /// The method of a request.
  var methodNumber: Int { Int(parser.pointee.method) }
  /// The status of a response.
  var statusCode: Int { Int(parser.pointee.status_code) }

  private static func of(_ parser: UnsafeMutablePointer<http_parser>?) -> MessageParser {
    guard let context = parser?.pointee.data else {
      preconditionFailure("http-parser calls back without the parser that it belongs to")
    }
    return Unmanaged<MessageParser>.fromOpaque(context).takeUnretainedValue()
  }

  private func headersCompleted() -> Int32 {
    hasHeaders = true
    keepsAlive = http_should_keep_alive(parser) != 0
    // A message that offers `Upgrade: h2c` would stop the parser here, and with "success".
    parser.pointee.upgrade = 0
    return skipsBody ? 1 : 0
  }

  private func messageCompleted() -> Int32 {
    isComplete = true
    if kind == .response { http_parser_pause(parser, 1) }
    return 0
  }

  private func chunkBegan() -> Int32 {
    chunkLength = parser.pointee.content_length
    return 0
  }

  private func bodyArrived(_ base: UnsafePointer<CChar>?, _ count: Int) -> Int32 {
    body.append(contentsOf: UnsafeRawBufferPointer(start: base, count: count))
    return 0
  }

  private func reasonArrived(_ base: UnsafePointer<CChar>?, _ count: Int) -> Int32 {
    reason.append(contentsOf: UnsafeRawBufferPointer(start: base, count: count))
    return 0
  }

  private func nameArrived(_ base: UnsafePointer<CChar>?, _ count: Int) -> Int32 {
    if hasHeaders { return 0 }  // Trailer fields are not taken.
    fields.appendName(UnsafeRawBufferPointer(start: base, count: count))
    return 0
  }

  private func valueArrived(_ base: UnsafePointer<CChar>?, _ count: Int) -> Int32 {
    if hasHeaders { return 0 }
    fields.appendValue(UnsafeRawBufferPointer(start: base, count: count))
    return 0
  }
}

extension MessageParser.Kind {
  fileprivate var type: http_parser_type { self == .request ? HTTP_REQUEST : HTTP_RESPONSE }
}
