/// Names what runs for a service: the service's own id, or that of a copy with its number
/// (`web.0`). Logs, timers and runs are named by it.
package struct InstanceID: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible
{
  package let rawValue: String

  package init(rawValue: String) { self.rawValue = rawValue }

  /// The instance of that name, if there is one.
  package init(_ name: String) { rawValue = name }

  /// What runs for a service without copies.
  package init(_ service: ServiceID) { rawValue = service.rawValue }

  package static func < (one: InstanceID, other: InstanceID) -> Bool {
    one.rawValue < other.rawValue
  }

  package var description: String { rawValue }
}
