package import Basics
import HTTP

/// Which lines `/logs/{id}/stream` is to send, and how.
package struct LogStreamQuery: Hashable, Sendable {
  /// Where it begins.
  package enum Place: Hashable, Sendable {
    /// Behind a line that the client has.
    case after(LogCursor)
    /// Behind a line that it has and nothing is known of.
    case afterUnknown
    /// With the newest lines.
    case tail
    /// With the oldest line.
    case oldest
  }

  package var place = Place.tail
  /// With how many of the newest lines it begins where there is no cursor; nil: with all.
  package var tail: Int? = 100
  /// Only lines from there; nil: all.
  package var stream: LogStream?
  /// Only lines that hold this text; nil: all.
  package var text: String?
  /// Whether it goes on at the end.
  package var follows = true
  /// After how many lines it ends; nil: after none.
  package var limit: Int?
  package var format = StreamFormat.events

  /// The newest hundred lines, and those that come.
  package init() {}

  /// Whether a line is wanted.
  package func matches(_ line: LogLine) -> Bool {
    if let stream, stream != line.stream { return false }
    guard let text else { return true }
    return line.text.firstRange(of: text.utf8) != nil
  }

  /// Whether all lines are wanted.
  package var wantsAll: Bool { stream == nil && text == nil }
}

extension LogStreamQuery {
  /// The largest `tail` and `limit`.
  static let largestTail = 10_000
  static let largestLimit = 1_000_000_000

  /// What a request of `/logs/{id}/stream` asks for.
  init(_ query: QueryReader, _ headers: Headers) throws(BadRequest) {
    self.init()
    format = StreamFormat(accept: headers["Accept"])
    tail = try query.tail("tail", default: 100)
    stream = try query.choice("stream", LogStream.self)
    if let sought = query["q"], !sought.isEmpty { text = sought }
    follows = try query.boolean("follow") ?? true
    limit = try query.number("limit", limit: Self.largestLimit)
    if query["after"] == "start" {
      place = .oldest
    } else if let cursor = try query.cursor("after") {
      guard cursor.epoch != nil else {
        throw query.bad("after", "a cursor of this log, such as 7f3a91c2-48211, or start")
      }
      place = .after(cursor)
    }
    // A client that connects again keeps its old address.
    if let last = headers["Last-Event-ID"], !last.isEmpty {
      let cursor = LogCursor(last).flatMap { $0.epoch == nil ? nil : $0 }
      place = cursor.map { .after($0) } ?? .afterUnknown
    }
  }
}

extension QueryReader {
  /// How many lines: a number from 0, or `all`, which is nil.
  fileprivate func tail(_ name: String, default: Int) throws(BadRequest) -> Int? {
    guard let text = self[name] else { return `default` }
    if text == "all" { return nil }
    if text == "0" { return 0 }
    guard text.utf8.allSatisfy(\.isDigit), let value = Int(text),
      (1...LogStreamQuery.largestTail).contains(value)
    else { throw bad(name, "a whole number from 0 to \(LogStreamQuery.largestTail), or all") }
    return value
  }
}
