extension Supervisor {
  /// How many processes have each status, each copy by itself; none that no process has.
  package var statusCounts: [ProcessStatus: Int] {
    machines.values.reduce(into: [:]) { counts, machine in
      counts[machine.status, default: 0] += 1
    }
  }

  /// How long it may take, from now on and at the most, until nothing runs any more once everything is to
  /// end: every signal is given its time, and nothing is waited for after that. What others depend on ends
  /// after them.
  package func longestEnd(at now: Moment) -> Duration {
    let (sorted, rest) = DependencyGraph(services.values.map(\.definition)).order
    var longest: [ServiceID: Duration] = [:]
    // From the last one that is started, which ends first, to the first one.
    for id in (sorted + rest).reversed() {
      let before = (dependents[id] ?? []).compactMap { longest[$0] }.max() ?? .zero
      let ends = (services[id]?.names ?? []).compactMap { machines[$0] }.map { machine in
        machine.longestEnd(at: now) + (machine.isUp ? before : .zero)
      }
      longest[id] = max(before, ends.max() ?? .zero)
    }
    return longest.values.max() ?? .zero
  }
}
