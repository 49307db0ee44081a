package import Basics
package import Supervision

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

  /// The first controller that a definition cannot do without and that is not there; nil if it has
  /// all that it needs.
  package static func firstMissing(
    for definition: ProcessDefinition, from present: Set<CgroupController>
  ) -> CgroupController? {
    allCases.first { $0.isNeeded(by: definition.execution) && !present.contains($0) }
  }

  private func isNeeded(by execution: Execution) -> Bool {
    switch self {
    case .memory: execution.memoryMaxBytes != nil
    case .cpu: execution.cpuMaxPercent != nil
    case .tasks: execution.tasksMax != nil
    }
  }
}
