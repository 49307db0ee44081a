package import Basics
import HTTP

/// Which lines `/logs/{id}/stream` is to send, and how.
package struct LogStreamQuery: Hashable, Sendable {
  package var lines = FollowQuery()
  /// Whether it goes on at the end.
  package var follows = true
  /// After how many lines it ends; nil: after none.
  package var limit: Int?
  package var format = StreamFormat.events

  /// The newest hundred lines, and those that come.
  package init() {}
}

extension LogStreamQuery {
  /// The largest `tail` and `limit`.
  static let largestTail = 10_000
  static let largestLimit = 1_000_000_000

  /// What a request of `/logs/{id}/stream` asks for.
  init(_ query: QueryReader, _ headers: Headers) throws(BadRequest) {
    self.init()
    format = StreamFormat(accept: headers.values("accept"))
    lines.tail = try query.tail("tail", default: 100)
    lines.stream = try query.choice("stream", LogStream.self)
    if let sought = query["q"], !sought.isEmpty { lines.text = sought }
    follows = try query.boolean("follow") ?? true
    limit = try query.number("limit", limit: Self.largestLimit)
    if query["after"] == "start" {
      lines.place = .oldest
    } else if let cursor = try query.cursor("after") {
      guard cursor.epoch != nil else {
        throw query.bad("after", "a cursor of this log, such as 7f3a91c2-48211, or start")
      }
      lines.place = .after(cursor)
    }
    // A client that connects again keeps its old address.
    if let last = headers["Last-Event-ID"], !last.isEmpty {
      let cursor = LogCursor(last).flatMap { $0.epoch == nil ? nil : $0 }
      lines.place = cursor.map { .after($0) } ?? .afterUnknown
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
