import HTTP

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

  /// The form that an `Accept` field wants most (RFC 9110, section 12.5.1); events if it wants
  /// none of them.
  init(accept: String?) {
    var best: (format: StreamFormat, weight: Double) = (.events, 0)
    for range in (accept ?? "").split(separator: ",") {
      let parts = range.split(separator: ";").map { $0.trimmed.lowercased() }
      guard let type = parts.first, let format = Self.format(of: type) else { continue }
      let weight =
        parts.dropFirst().first { $0.hasPrefix("q=") }.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
      if weight > best.weight { best = (format, weight) }
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

extension Substring {
  fileprivate var trimmed: Substring {
    guard let start = firstIndex(where: { $0 != " " && $0 != "\t" }),
      let end = lastIndex(where: { $0 != " " && $0 != "\t" })
    else { return "" }
    return self[start...end]
  }
}
