import Supervision

extension ListFilter {
  /// The filter that a query of `/list` asks for.
  init(_ query: QueryReader) throws(BadRequest) {
    self.init()
    status = try query.choice("status", ProcessStatus.self)
    label = query["label"]
    if let label, !label.utf8.dropFirst().contains(UInt8(ascii: ":")) {
      throw query.bad("label", "key:value")
    }
  }
}
