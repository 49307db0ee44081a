package import Basics

extension CgroupController {
  /// The field of a definition whose limit it keeps.
  package var fieldName: String {
    switch self {
    case .memory: "memory_max_bytes"
    case .cpu: "cpu_max_percent"
    case .tasks: "tasks_max"
    }
  }
}
