import UV

/// Something that an earlier supervisor left running.
struct Leftover {
  /// The id of the process that it is of.
  let process: String
  /// What was written down of it; nil where only its cgroup is there.
  var run: RunState.Run?
  /// Its cgroup, where it has one.
  var group: Cgroup?
}
