package import Basics

extension CgroupController {
  /// The field whose limit it keeps.
  var field: DefinitionField {
    switch self {
    case .memory: .memoryMaxBytes
    case .cpu: .cpuMaxPercent
    case .tasks: .tasksMax
    }
  }

  /// What that field is called in JSON.
  package var fieldName: String { field.rawValue }
}
