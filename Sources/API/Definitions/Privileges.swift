package import Basics
package import Supervision

/// What the supervisor may give to its processes: everything where it is root, else what it is
/// itself.
package struct Privileges: Hashable, Sendable {
  /// Whether it may become any user, and change any limit.
  package var isRoot: Bool
  /// Its own user.
  package var user: Account
  /// Its own group, the effective one: no other will do (setgid(2)).
  package var group: Account
  /// The lowest nice value that it may give: its own, or 20 less `RLIMIT_NICE` where that is lower
  /// (getrlimit(2)).
  package var lowestNice: Int
  /// Its own hard limits; no limit where nil.
  package var hardLimits: ResourceLimits

  /// A user or a group.
  package struct Account: Hashable, Sendable {
    package var number: UInt32
    /// Nil for one that has a number only.
    package var name: String?

    package init(number: UInt32, name: String?) {
      self.number = number
      self.name = name
    }

    /// Whether a definition that says this means this one.
    func isMeant(by text: String) -> Bool { text == name || UInt32(text) == number }

    var description: String { name.map { "'\($0)'" } ?? "\(number)" }
  }

  /// What root may do: anything.
  package static let root = Privileges(
    isRoot: true, user: Account(number: 0, name: "root"), group: Account(number: 0, name: "root"),
    lowestNice: -20, hardLimits: ResourceLimits())

  package init(
    isRoot: Bool, user: Account, group: Account, lowestNice: Int, hardLimits: ResourceLimits
  ) {
    self.isRoot = isRoot
    self.user = user
    self.group = group
    self.lowestNice = lowestNice
    self.hardLimits = hardLimits
  }

  /// What a definition asks for beyond these, the first such thing in the order of the contract:
  /// the field, its value and what it would need, in words; nil if there is nothing.
  package func excess(of definition: ProcessDefinition) -> String? {
    guard !isRoot else { return nil }
    let execution = definition.execution
    if let user = execution.user, !self.user.isMeant(by: user) {
      return Self.refusal(.user, quoted(user), need)
    }
    if let group = execution.group, !self.group.isMeant(by: group) {
      return Self.refusal(.group, quoted(group), "\(need) with the group \(self.group.description)")
    }
    if let nice = execution.nice, nice < lowestNice {
      return Self.refusal(.nice, "\(nice)", "\(need) and may give \(lowestNice) or more")
    }
    for field in ResourceLimits.Resource.allCases {
      guard let value = execution.limits[field],
        let hardLimit = hardLimits[field], value > hardLimit
      else { continue }
      return Self.refusal(
        .limits, member: field, "\(value)", "\(need) and may give \(hardLimit) or less")
    }
    return nil
  }

  private static func refusal(
    _ field: DefinitionField, member: ResourceLimits.Resource? = nil, _ value: String,
    _ need: String
  ) -> String {
    "\"\(field.rawValue)\(member.map { ".\($0.rawValue)" } ?? "")\" is \(value), which needs \(need)"
  }

  private var need: String {
    "a supervisor that runs as root, but it runs as \(user.description)"
  }
}
