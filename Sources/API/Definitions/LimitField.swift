import Supervision

/// The members of `limits`.
enum LimitField: String, CaseIterable {
  case openFiles = "open_files"
  case coreBytes = "core_bytes"
  case addressSpaceBytes = "address_space_bytes"
  case processes
  case cpuSeconds = "cpu_seconds"

  /// Where a definition has it.
  var value: WritableKeyPath<ResourceLimits, Int?> {
    switch self {
    case .openFiles: \.openFiles
    case .coreBytes: \.coreBytes
    case .addressSpaceBytes: \.addressSpaceBytes
    case .processes: \.processes
    case .cpuSeconds: \.cpuSeconds
    }
  }

  /// What it may be. With fewer descriptors or less memory than this no program gets as far as `main`.
  var range: ClosedRange<Int> {
    switch self {
    case .openFiles: 4...1 << 30
    case .coreBytes: 0...1 << 50
    case .addressSpaceBytes: 1 << 20...1 << 50
    case .processes: 1...4_194_304
    case .cpuSeconds: 1...31_536_000
    }
  }
}
