/// Names a process as an operator knows it, whether it has copies or not: the `id` of its
/// definition.
package struct ServiceID: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible
{
  package let rawValue: String

  package init(rawValue: String) { self.rawValue = rawValue }

  /// The service of that id, if there is one.
  package init(_ id: String) { rawValue = id }

  /// The service that has the same name as an instance, if there is one.
  package init(_ instance: InstanceID) { rawValue = instance.rawValue }

  package static func < (one: ServiceID, other: ServiceID) -> Bool {
    one.rawValue < other.rawValue
  }

  package var description: String { rawValue }
}
