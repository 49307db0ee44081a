/// What an operator must know, and what stays so until it is mended: not an event, but a state.
package struct Problem: Hashable, Sendable {
  /// What kind of problem it is: a stable word for programs.
  package var code: Code
  /// What it is about, where a code can have several problems at once: a file, a process.
  package var subject: String?
  /// One sentence: what is wrong, and what to do.
  package var message: String
  /// Since 1970 UTC.
  package var since: Duration

  /// The words of `code` in `GET /health`, and of the label in `/metrics`. A word is never changed
  /// or used again for something else.
  package enum Code: String, CaseIterable, Hashable, Sendable {
    /// The file of the API key could not be written.
    case apiKey = "api_key"
    /// A process that was loaded cannot be started as it is defined.
    case definition
    /// A file of `processes.d` is left out.
    case definitionFile = "definition_file"
    /// A file or directory that others can change or read, or that belongs to another user.
    case filePermissions = "file_permissions"
    /// `keys.json` cannot be used: no named key works.
    case keysFile = "keys_file"
    /// Clients run into the limit of connections or of open files.
    case limit
    /// Lines of a log are being lost, or have been.
    case linesLost = "lines_lost"
    /// The lock file could not be written.
    case lockFile = "lock_file"
    /// A log cannot be opened or written.
    case logWrite = "log_write"
    /// A file system, or what else is asked on the pool, has not answered for long.
    case poolWait = "pool_wait"
    /// `processes.json` could not be written, or was changed by another hand and is not reloaded.
    case processesFile = "processes_file"
    /// `run-state` cannot be written or used: a daemon after this one may not find what runs.
    case runState = "run_state"
    /// There are more problems than are kept.
    case tooMany = "too_many"
  }

  package init(_ code: Code, of subject: String? = nil, _ message: String, since: Duration) {
    self.code = code
    self.subject = subject
    self.message = message
    self.since = since
  }
}
