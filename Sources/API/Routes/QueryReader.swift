import Basics

/// Reads the parameters of a query, each at most once, and refuses those that the route does not
/// know.
struct QueryReader {
  private var values: [String: String] = [:]

  init(
    _ query: [(name: String, value: String)], known: [String], of route: Route
  ) throws(BadRequest) {
    for (name, value) in query {
      guard known.contains(name) else {
        let allowed =
          known.isEmpty ? "takes none" : "knows \(known.joined(separator: ", "))"
        throw BadRequest("unknown query parameter \(quoted(name)): \(route.title) \(allowed)")
      }
      guard values.updateValue(value, forKey: name) == nil else {
        throw BadRequest("query parameter \"\(name)\" is given twice")
      }
    }
  }

  subscript(name: String) -> String? { values[name] }

  /// A whole number from 1 to `limit`, in digits alone.
  func number(_ name: String, limit: Int) throws(BadRequest) -> Int? {
    guard let text = values[name] else { return nil }
    let isNumber = text.utf8.allSatisfy(\.isDigit)
    guard isNumber, let value = Int(text), (1...limit).contains(value) else {
      throw bad(name, "a whole number from 1 to \(limit)")
    }
    return value
  }

  func boolean(_ name: String) throws(BadRequest) -> Bool? {
    switch values[name] {
    case nil: return nil
    case "true": return true
    case "false": return false
    default: throw bad(name, "true or false")
    }
  }

  /// One of the cases of an enumeration, by its raw value.
  func choice<Choice: RawRepresentable<String> & CaseIterable>(
    _ name: String, _ type: Choice.Type
  ) throws(BadRequest) -> Choice? {
    guard let text = values[name] else { return nil }
    guard let choice = Choice(rawValue: text) else {
      throw bad(name, "one of \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return choice
  }

  /// A place in a log: a cursor, or the number of a line.
  func cursor(_ name: String) throws(BadRequest) -> LogCursor? {
    guard let text = values[name] else { return nil }
    guard let cursor = LogCursor(text) else {
      throw bad(name, "a cursor of this log, such as 7f3a91c2-48211, or the number of a line")
    }
    return cursor
  }

  func bad(_ name: String, _ allowed: String) -> BadRequest {
    BadRequest(
      "query parameter \"\(name)\" is \(quoted(values[name] ?? "")), but must be \(allowed)")
  }
}
