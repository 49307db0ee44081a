extension LogsQuery {
  static let largestPageSize = 10_000

  /// The lines that a query of `/logs/{id}` asks for. Past the last page there is nothing, so a
  /// page beyond all that could be counted is the last that can.
  init(_ query: QueryReader) throws(BadRequest) {
    self.init()
    page = try query.number("page", limit: Int.max / Self.largestPageSize, isCut: true) ?? page
    pageSize =
      try query.number("page_size", limit: Self.largestPageSize, isCut: false) ?? pageSize
    stream = try query.choice("stream", Stream.self)
    if let sought = query["q"], !sought.isEmpty { text = sought }
    ascending = try query.choice("order", Order.self) == .ascending
  }

  private enum Order: String, CaseIterable {
    case ascending = "asc"
    case descending = "desc"
  }
}
