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

  /// The controllers that a definition cannot do without.
  package static func needed(by definition: ProcessDefinition) -> Set<LimitController> {
    var needed: Set<LimitController> = []
    if definition.execution.memoryMaxBytes != nil { needed.insert(.memory) }
    if definition.execution.cpuMaxPercent != nil { needed.insert(.cpu) }
    if definition.execution.tasksMax != nil { needed.insert(.tasks) }
    return needed
  }
}
