/// What all processes of a run together use, at one moment.
package struct ResourceUsage: Equatable, Sendable {
  /// The memory that cannot be had back by dropping files that lie cached, in bytes; nil if it
  /// cannot be told.
  package var memoryBytes: Int?
  /// What they have used of the CPUs since the run began.
  package var cpuTime: Duration
  /// How many of them the kernel has killed for want of memory; nil if the kernel does not count
  /// them.
  package var oomKills: Int?
  /// How many threads they have; nil where it cannot be told, or was not asked for.
  package var tasks: Int?
  /// How many descriptors they have open; nil as above.
  package var openDescriptors: Int?
  /// What they have had read from disks since the run began, in bytes; nil as above.
  package var diskReadBytes: Int?
  /// What they have had written to disks; nil as above.
  package var diskWrittenBytes: Int?

  /// A reading.
  package init(memoryBytes: Int?, cpuTime: Duration, oomKills: Int?) {
    self.memoryBytes = memoryBytes
    self.cpuTime = cpuTime
    self.oomKills = oomKills
  }
}
