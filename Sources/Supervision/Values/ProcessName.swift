/// What a message can name: a service, an instance, or whatever a client has written instead of
/// one.
protocol ProcessName: CustomStringConvertible {}

extension String: ProcessName {}

/// Names a process as an operator knows it, whether it has copies or not: the `id` of its
/// definition.
package struct ServiceID: RawRepresentable, Hashable, Comparable, Sendable, ProcessName {
  package let rawValue: String

  package init(rawValue: String) { self.rawValue = rawValue }

  /// The service of that id, if there is one.
  package init(_ id: String) { rawValue = id }

  /// The service that has the same name as an instance, if there is one.
  init(_ instance: InstanceID) { rawValue = instance.rawValue }

  package static func < (one: ServiceID, other: ServiceID) -> Bool {
    one.rawValue < other.rawValue
  }

  package var description: String { rawValue }
}

/// Names what runs for a service: the service's own id, or that of a copy with its number
/// (`web.0`). Logs, timers and runs are named by it.
package struct InstanceID: RawRepresentable, Hashable, Comparable, Sendable, ProcessName {
  package let rawValue: String

  package init(rawValue: String) { self.rawValue = rawValue }

  /// The instance of that name, if there is one.
  package init(_ name: String) { rawValue = name }

  /// What runs for a service without copies.
  init(_ service: ServiceID) { rawValue = service.rawValue }

  package static func < (one: InstanceID, other: InstanceID) -> Bool {
    one.rawValue < other.rawValue
  }

  package var description: String { rawValue }
}
