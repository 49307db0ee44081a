/// How it is found out whether a process works.
package struct HealthCheck: Hashable, Sendable {
  package var probe: Probe
  /// From the end of one probe to the start of the next.
  package var interval: Duration = .seconds(10)
  /// How long a probe may take: then it has failed, and what it started is killed.
  package var timeout: Duration = .seconds(3)
  /// So many failures in a row make the process unhealthy.
  package var retries = 3
  /// Failures do not count for so long after the start, unless a probe has succeeded before.
  package var startPeriod: Duration = .zero
  package var onFailure: OnFailure = .restart

  /// What a probe does.
  package enum Probe: Hashable, Sendable {
    /// `GET` of an `http://` address; any status from 200 to 399 is a success.
    case http(String)
    /// Connects to `host:port`.
    case tcp(String)
    /// Executes a command with its arguments in the environment and directory of the process; exit
    /// code 0 is a success.
    case command([String])
  }

  /// What becomes of a process that is unhealthy.
  package enum OnFailure: String, Hashable, Sendable, CaseIterable {
    case restart
    /// It is shown, and nothing else.
    case report
  }

  package init(_ probe: Probe) {
    self.probe = probe
  }
}

/// What is known of the health of a process.
package struct Health: Hashable, Sendable {
  package var status: Status = .none
  /// Since when it has that status, since 1970 UTC; nil while nothing is known.
  package var since: Duration?
  /// What the last probe that failed said, in words; nil after one that succeeded.
  package var error: String?

  /// The names are those of the contract.
  package enum Status: String, Hashable, Sendable, CaseIterable {
    /// There is no check, or nothing runs that could be checked.
    case none
    /// No probe has succeeded yet, and not so many have failed that it is unhealthy.
    case starting
    case healthy
    case unhealthy
  }

  package init() {}
}
