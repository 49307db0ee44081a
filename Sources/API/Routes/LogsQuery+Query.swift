import Basics

extension LogsQuery {
  static let largestPageSize = 10_000

  /// So large that no log has as many, and so small that `page * pageSize` is an `Int`.
  static let largestPage = 100_000_000_000_000

  /// The lines that a query of `/logs/{id}` asks for.
  init(_ query: QueryReader) throws(BadRequest) {
    self.init()
    page = try query.number("page", limit: Self.largestPage) ?? page
    pageSize = try query.number("page_size", limit: Self.largestPageSize) ?? pageSize
    stream = try query.choice("stream", LogStream.self)
    if let sought = query["q"], !sought.isEmpty { text = sought }
    ascending = try query.choice("order", Order.self) == .ascending
    before = try query.cursor("before")
    after = try query.cursor("after")
  }

  private enum Order: String, CaseIterable {
    case ascending = "asc"
    case descending = "desc"
  }
}
