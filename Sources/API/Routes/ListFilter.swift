import Basics
package import Supervision

/// Which processes `/list` shows.
package struct ListFilter: Hashable, Sendable {
  /// Any where nil.
  package var status: ProcessStatus?
  /// Those that have this label; any where nil.
  package var label: Label?
  /// That process or copy, or all copies of that process; any where nil.
  package var id: String?

  /// The name and the value of a label.
  package struct Label: Hashable, Sendable {
    package var name: String
    package var value: String

    /// A label of that name with that value.
    package init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  /// Shows all processes.
  package init() {}

  /// Whether the filter shows this process.
  package func matches(_ entry: ProcessEntry) -> Bool {
    if let status, entry.status != status { return false }
    if let label, entry.definition.labels[label.name] != label.value { return false }
    if let id, entry.definition.id != id, entry.definition.serviceID.rawValue != id { return false }
    return true
  }
}
