/// What a process uses now, and what its runs have used.
package struct ProcessUsage: Hashable, Sendable {
  /// What the present run has of the memory, in bytes; nil if nothing runs, or it is not known
  /// yet.
  package var memoryBytes: Int?
  /// What the present run uses of the CPUs, 100 being one core; nil as above.
  package var cpuPercent: Double?
  /// CPU time of all runs since the process was added. Never less than it was.
  package var cpuTime: Duration
  /// How many processes of all runs the kernel has killed for want of memory; nil if the kernel
  /// does not count them.
  package var oomKills: Int?
  /// How many threads the present run has; nil where nothing runs, or it is not known. This and
  /// what follows is not read for each answer.
  package var tasks: Int?
  /// How many descriptors the present run has open; nil as above.
  package var openDescriptors: Int?
  /// What all runs since the process was added have had read from disks, in bytes; nil if that is
  /// not known. Never less than it was.
  package var diskReadBytes: Int?
  /// What they have had written to disks.
  package var diskWrittenBytes: Int?

  /// Nothing, unless something else is given.
  package init(
    memoryBytes: Int? = nil, cpuPercent: Double? = nil, cpuTime: Duration = .zero,
    oomKills: Int? = nil, tasks: Int? = nil, openDescriptors: Int? = nil,
    diskReadBytes: Int? = nil, diskWrittenBytes: Int? = nil
  ) {
    self.memoryBytes = memoryBytes
    self.cpuPercent = cpuPercent
    self.cpuTime = cpuTime
    self.oomKills = oomKills
    self.tasks = tasks
    self.openDescriptors = openDescriptors
    self.diskReadBytes = diskReadBytes
    self.diskWrittenBytes = diskWrittenBytes
  }
}
