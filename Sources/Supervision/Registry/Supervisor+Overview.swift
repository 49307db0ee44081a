extension Supervisor {
  /// How many processes have each status; none that no process has.
  package var statusCounts: [ProcessStatus: Int] {
    machines.values.reduce(into: [:]) { counts, machine in
      counts[machine.status, default: 0] += 1
    }
  }

  /// How long it may take, from now on and at the most, until nothing runs any more once everything is to
  /// end: every signal is given its time, and nothing is waited for after that.
  package func longestEnd(at now: Moment) -> Duration {
    machines.values.map { $0.longestEnd(at: now) }.max() ?? .zero
  }
}
