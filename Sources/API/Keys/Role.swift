/// What a key may do. Each role may do what those before it may.
package enum Role: String, Hashable, Sendable, CaseIterable, Comparable {
  /// Looks: `GET` only, and the values of environments stay hidden.
  case read
  /// Also starts, stops and restarts what there is, and talks to it.
  case operate
  /// Everything.
  case admin

  package static func < (one: Role, other: Role) -> Bool { one.rank < other.rank }

  /// The names of all, for messages.
  package static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }

  private var rank: Int {
    switch self {
    case .read: 0
    case .operate: 1
    case .admin: 2
    }
  }
}
