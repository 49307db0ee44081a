package import Supervision

/// A cgroup v2 controller that keeps one of the limits of a definition (cgroups(7)).
package enum LimitController: String, Hashable, Sendable, CaseIterable {
  /// `memory_max_bytes`, by `memory.max`.
  case memory
  /// `cpu_max_percent`, by `cpu.max`.
  case cpu
  /// `tasks_max`, by `pids.max`.
  case tasks = "pids"

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

  /// The first controller that a definition cannot do without and that is not there; nil if it has all that it needs.
  package static func firstMissing(
    for definition: ProcessDefinition, from present: Set<LimitController>
  ) -> LimitController? {
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
