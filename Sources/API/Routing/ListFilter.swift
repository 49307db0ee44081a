package import Supervision

/// Which processes `/list` shows.
package struct ListFilter: Hashable, Sendable {
  /// Any where nil.
  package var status: ProcessStatus?
  /// `key:value`; no process has labels yet.
  package var label: String?

  /// Shows all processes.
  package init() {}

  /// Whether the filter shows this process.
  package func matches(_ entry: ProcessEntry) -> Bool {
    guard label == nil else { return false }
    guard let status else { return true }
    return entry.status == status
  }
}
