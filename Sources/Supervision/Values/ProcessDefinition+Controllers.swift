package import Basics

extension ProcessDefinition {
  /// The first controller of cgroup v2 that it cannot do without and that is not there; nil if it
  /// has all that it needs.
  package func missingController(from present: Set<CgroupController>) -> CgroupController? {
    CgroupController.allCases.first { isKept(by: $0) && !present.contains($0) }
  }

  /// Whether it has a limit that this controller keeps.
  private func isKept(by controller: CgroupController) -> Bool {
    switch controller {
    case .memory: execution.memoryMaxBytes != nil
    case .cpu: execution.cpuMaxPercent != nil
    case .tasks: execution.tasksMax != nil
    }
  }
}
