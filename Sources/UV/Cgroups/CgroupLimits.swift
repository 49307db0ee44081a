/// What the processes of a group may use together.
package struct CgroupLimits: Equatable, Sendable {
  /// Memory in bytes, page cache included.
  package var memoryMaxBytes: Int?
  /// CPU time; 100 is one core.
  package var cpuMaxPercent: Int?
  /// Threads and processes.
  package var tasksMax: Int?

  /// Says what is allowed; no limit where nil.
  package init(memoryMaxBytes: Int? = nil, cpuMaxPercent: Int? = nil, tasksMax: Int? = nil) {
    self.memoryMaxBytes = memoryMaxBytes
    self.cpuMaxPercent = cpuMaxPercent
    self.tasksMax = tasksMax
  }

  /// The controllers without which the limits cannot be set.
  package var controllers: Set<CgroupController> {
    var needed: Set<CgroupController> = []
    if memoryMaxBytes != nil { needed.insert(.memory) }
    if cpuMaxPercent != nil { needed.insert(.cpu) }
    if tasksMax != nil { needed.insert(.pids) }
    return needed
  }

  /// The interface files that set them, and what is written there, in this order.
  ///
  /// Swap is closed where memory is limited: what does not fit would go there instead, the limit would
  /// bound nothing, and the process would slow the machine down instead of ending.
  package var files: [(name: String, value: String, isOptional: Bool)] {
    var files: [(name: String, value: String, isOptional: Bool)] = []
    if let memoryMaxBytes {
      files.append(("memory.max", "\(memoryMaxBytes)", false))
      // Kernels without swap accounting have no such file.
      files.append(("memory.swap.max", "0", true))
    }
    if let cpuMaxPercent {
      files.append(("cpu.max", "\(cpuMaxPercent * Self.cpuPeriod / 100) \(Self.cpuPeriod)", false))
    }
    if let tasksMax { files.append(("pids.max", "\(tasksMax)", false)) }
    return files
  }

  /// The period over which CPU time is shared out, in microseconds: the kernel's default.
  private static let cpuPeriod = 100_000
}
