/// The origins whose pages may use the API from a browser (CORS, the Fetch standard); none by
/// default.
package struct CrossOrigins: Equatable, Sendable {
  private var origins: Set<Origin> = []
  private var allowsEverything = false

  /// None.
  package init() {}

  /// Reads origins (`https://dash.example.org`), or `*` for all, with commas between them.
  /// Throws `ElementError` for the first element that is none.
  package init(_ list: String) throws(ElementError) {
    for element in list.listElements {
      if element == "*" {
        allowsEverything = true
      } else if let origin = Origin(element) {
        origins.insert(origin)
      } else {
        throw ElementError(
          element, "is no origin (https://dash.example.org, without a path), nor '*'")
      }
    }
  }

  /// Whether there are none, and nothing is said of them in any answer.
  var isEmpty: Bool { origins.isEmpty && !allowsEverything }

  /// Whether pages of that origin, as an `Origin` header says it, may use the API.
  func allows(_ header: String) -> Bool {
    allowsEverything || Origin(header).map(origins.contains) ?? false
  }

  /// What the answer to a request of that origin says of it; nil if there are none.
  func grant(to header: String?) -> CrossOriginGrant? {
    guard !isEmpty else { return nil }
    if allowsEverything { return CrossOriginGrant(origin: "*", varies: false) }
    return CrossOriginGrant(origin: header.flatMap { allows($0) ? $0 : nil }, varies: true)
  }
}
