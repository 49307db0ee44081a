package import Basics

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
    if tasksMax != nil { needed.insert(.tasks) }
    return needed
  }

  /// An interface file, and what is written there.
  package struct File: Equatable, Sendable {
    /// The controller that it belongs to.
    package let controller: CgroupController
    package let name: String
    package let value: String
    /// Whether kernels may do without it.
    package let isOptional: Bool

    fileprivate init(
      _ controller: CgroupController, _ name: String, _ value: String, isOptional: Bool = false
    ) {
      self.controller = controller
      self.name = name
      self.value = value
      self.isOptional = isOptional
    }
  }

  /// The interface files that set them, and what is written there, in this order.
  ///
  /// Swap is closed where memory is limited: what does not fit would go there instead, the limit
  /// would bound nothing, and the process would slow the machine down instead of ending.
  package var files: [File] {
    var files: [File] = []
    if let memoryMaxBytes {
      files.append(File(.memory, "memory.max", "\(memoryMaxBytes)"))
      // Kernels without swap accounting have no such file.
      files.append(File(.memory, "memory.swap.max", "0", isOptional: true))
    }
    if let cpuMaxPercent {
      let quota = cpuMaxPercent * Self.cpuPeriod / 100
      files.append(File(.cpu, "cpu.max", "\(quota) \(Self.cpuPeriod)"))
    }
    if let tasksMax { files.append(File(.tasks, "pids.max", "\(tasksMax)")) }
    return files
  }

  /// The period over which CPU time is shared out, in microseconds: the kernel's default.
  private static let cpuPeriod = 100_000
}
