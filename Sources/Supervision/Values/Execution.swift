package import Basics

/// What a run executes, and in what surroundings. A change of any of it takes effect with a new
/// run, and with nothing less: all that is in here is compared as one value, whatever is added to
/// it.
package struct Execution: Hashable, Sendable {
  /// Looked up in the child's `PATH`; relative to `workingDirectory` if it holds a `/`.
  package var command: String
  package var arguments: [String] = []
  /// The supervisor's own where nil.
  package var workingDirectory: String?
  /// Added to the environment that the supervisor hands on.
  package var environment: [String: String] = [:]
  /// A file of `NAME=value` lines, read at each start (`EnvironmentFile=` of systemd.exec(5)).
  package var environmentFile: String?
  /// A name or a number of passwd(5); the supervisor's own user where nil.
  package var user: String?
  /// A name or a number of group(5); where nil that of `user`, or the supervisor's own.
  package var group: String?
  /// The bits that new files do not get (umask(2)); the supervisor's own where nil.
  package var umask: Int?
  /// -20 to 19, absolute (setpriority(2)); the supervisor's own where nil.
  package var nice: Int?
  package var limits = ResourceLimits()
  /// How much memory all processes of a run may have together, in bytes; no limit where nil.
  package var memoryMaxBytes: Int?
  /// How much CPU time all processes of a run may use together: 100 is one core; no limit where
  /// nil.
  package var cpuMaxPercent: Int?
  /// How many threads and processes a run may have at once; no limit where nil.
  package var tasksMax: Int?
  /// The addresses of the sockets that the supervisor binds and hands over to each run
  /// (sd_listen_fds(3)): `127.0.0.1:8000`, `[::1]:8000`, or the path of a Unix socket.
  package var listen: [String] = []
  /// When a run counts as ready. Its environment depends on it: `NOTIFY_SOCKET`.
  package var ready: Readiness = .spawned
  /// How long a run may be silent between two `WATCHDOG=1` (sd_watchdog_enabled(3)); no limit where
  /// nil.
  package var watchdog: Duration?

  /// Whether a run has something to tell (`sd_notify(3)`): it gets a socket for that.
  package var wantsNotifySocket: Bool { ready == .notify || watchdog != nil }

  package init(command: String) {
    self.command = command
  }
}

/// When a run counts as ready: what depends on it may start then.
package enum Readiness: String, Hashable, Sendable, CaseIterable {
  /// As soon as its command executes.
  case spawned
  /// When it says `READY=1` (sd_notify(3)).
  case notify
  /// When its health check has succeeded once.
  case healthy
}
