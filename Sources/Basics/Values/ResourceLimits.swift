/// Limits that setrlimit(2) sets, soft and hard, in the units of that page; no limit beyond the
/// supervisor's own where nil.
package struct ResourceLimits: Hashable, Sendable {
  /// `RLIMIT_NOFILE`. Where nil, the soft limit is 1024, and the hard one the supervisor's own.
  package var openFiles: Int?
  /// `RLIMIT_CORE`, bytes.
  package var coreBytes: Int?
  /// `RLIMIT_AS`, bytes.
  package var addressSpaceBytes: Int?
  /// `RLIMIT_NPROC`.
  package var processes: Int?
  /// `RLIMIT_CPU`, seconds.
  package var cpuSeconds: Int?

  /// What is limited; each by its name in a definition.
  package enum Resource: String, Hashable, Sendable, CaseIterable {
    case openFiles = "open_files"
    case coreBytes = "core_bytes"
    case addressSpaceBytes = "address_space_bytes"
    case processes
    case cpuSeconds = "cpu_seconds"

    fileprivate var value: WritableKeyPath<ResourceLimits, Int?> {
      switch self {
      case .openFiles: \.openFiles
      case .coreBytes: \.coreBytes
      case .addressSpaceBytes: \.addressSpaceBytes
      case .processes: \.processes
      case .cpuSeconds: \.cpuSeconds
      }
    }
  }

  /// No limits.
  package init() {}

  /// The limit of one resource.
  package subscript(resource: Resource) -> Int? {
    get { self[keyPath: resource.value] }
    set { self[keyPath: resource.value] = newValue }
  }
}
