package import Basics

extension ProcessDefinition {
  /// Why a limit of it cannot be kept where only these controllers of cgroup v2 are, in words; nil
  /// if it has all that it needs.
  package func excess(overControllers present: Set<CgroupController>) -> String? {
    CgroupController.allCases.first { isKept(by: $0) && !present.contains($0) }
      .map(Messages.missing)
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
