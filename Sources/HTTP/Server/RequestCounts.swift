/// How many requests were answered, by method and by class of the status.
package struct RequestCounts: Equatable, Sendable {
  /// The methods that are told apart.
  package enum Method: String, CaseIterable, Sendable {
    case get = "GET"
    case head = "HEAD"
    case post = "POST"
    /// Any other, or a request whose method could not be read: a client must not be able to make up
    /// names.
    case other

    init(_ name: String) {
      self = Method(rawValue: name) ?? .other
    }
  }

  /// The classes of status that are counted, by their first digit: all that an answer may end with.
  package static let classes = 2...5

  private var counts = [Int](repeating: 0, count: Method.allCases.count * Self.classes.count)

  /// None yet.
  package init() {}

  /// Counts an answer.
  ///
  /// - Parameter method: as it stood in the request; empty where it could not be read.
  package mutating func count(method: String, _ status: Status) {
    let kind = status.code / 100
    guard Self.classes.contains(kind) else { return }
    counts[Self.index(Method(method), kind)] += 1
  }

  /// How many there were of a method and a class of status.
  package subscript(method: Method, kind: Int) -> Int { counts[Self.index(method, kind)] }

  private static func index(_ method: Method, _ kind: Int) -> Int {
    let row =
      switch method {
      case .get: 0
      case .head: 1
      case .post: 2
      case .other: 3
      }
    return row * classes.count + kind - classes.lowerBound
  }
}
