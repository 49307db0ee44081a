/// What a child finds in its environment.
package enum ChildEnvironment {
  /// The supervisor's own environment without what is meant for it alone, then `added`, then the marker by
  /// which the run can be found; sorted by name.
  package static func make(
    inherited: [String: String], adding added: [String: String],
    marker: (name: String, value: String)
  ) -> [String] {
    var variables = inherited
    for name in withheld { variables[name] = nil }
    variables.merge(added) { _, new in new }
    variables[marker.name] = marker.value
    return variables.map { "\($0.key)=\($0.value)" }.sorted()
  }

  /// The key, and what the service manager says to its own child (`sd_notify(3)`, `sd_listen_fds(3)`,
  /// `systemd.exec(5)`).
  private static let withheld = [
    "EXEIO_API_KEY", "NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC", "LISTEN_PID", "LISTEN_FDS",
    "LISTEN_FDNAMES", "CREDENTIALS_DIRECTORY",
  ]
}
