import Basics

/// What comes with every event: when it happened, and a number for the run that it may start.
///
/// The number has never been used before; an event starts at most one run of a process.
struct EventContext {
  let now: Moment
  let serial: UInt64
  /// The local time of the machine.
  let zone: TimeZoneOffsets
  /// The controllers of cgroup v2 that keep limits of processes here.
  let limitControllers: Set<CgroupController>
}
