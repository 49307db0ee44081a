import Supervision

extension ListFilter {
  /// The filter that a query of `/list` asks for.
  init(_ query: QueryReader) throws(BadRequest) {
    self.init()
    status = try query.choice("status", ProcessStatus.self)
    id = query["id"]
    guard let text = query["label"] else { return }
    // The value may hold a ':', the name may not.
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty else { throw query.bad("label", "key:value") }
    label = Label(name: String(parts[0]), value: String(parts[1]))
  }
}
