import Basics

extension ResourceLimits.Resource {
  /// What a limit of it may be. With fewer descriptors or less memory than this no program gets as
  /// far as `main`.
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
