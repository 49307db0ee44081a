/// In which form a stream is sent.
package enum StreamFormat: Int, Hashable, Sendable {
  /// Server-sent events (WHATWG HTML, section 9.2).
  case events
  /// One JSON object a line.
  case ndjson
  /// The text of the lines alone.
  case text

  /// The media type of the answer.
  var contentType: String {
    switch self {
    case .events: "text/event-stream; charset=utf-8"
    case .ndjson: "application/x-ndjson"
    case .text: "text/plain; charset=utf-8"
    }
  }

  /// The form that the `Accept` fields of a request want most (RFC 9110, section 12.5.1); events if
  /// they want none of them.
  init(accept fields: [String]) {
    var best: (format: StreamFormat, quality: Double) = (.events, 0)
    for range in MediaRange.all(in: fields) {
      guard let format = Self.format(of: range.type), range.quality > best.quality else { continue }
      best = (format, range.quality)
    }
    self = best.format
  }

  private static func format(of type: String) -> StreamFormat? {
    switch type {
    case "text/event-stream", "*/*", "text/*": .events
    case "application/x-ndjson", "application/ndjson": .ndjson
    case "text/plain": .text
    default: nil
    }
  }
}
