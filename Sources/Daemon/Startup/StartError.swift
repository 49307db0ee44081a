package import UV

/// A start that failed: one line that says what, and what to do; the exit code is 1.
package struct StartError: Error, Equatable {
  package let message: String
  /// The errno behind it, where there is one.
  package let errorNumber: Int32?

  package init(_ message: String, errorNumber: Int32? = nil) {
    self.message = message
    self.errorNumber = errorNumber
  }

  /// What keeps a directory of cgroups, named by `--cgroup`, from being used.
  init(_ error: UVError, cgroup: String) {
    if error.operation == .lock, error.code == .resourceBusy {
      self.init("another exeio already uses the cgroup '\(cgroup)'; choose another with --cgroup")
    } else {
      self.init("--cgroup '\(cgroup)': \(error); choose a delegated directory, auto or none")
    }
  }

  /// An error of the system, and what to do about the ones that have a common cure.
  /// - Parameter socketPath: of the Unix socket, whose trouble is another than a port's.
  package init(_ error: UVError, socketPath: String?) {
    let isSocket = error.subject != nil && error.subject == socketPath
    let option = isSocket ? "--socket" : "--port"
    let cure: String? =
      switch error.code {
      case .addressInUse: "stop what uses it, or choose another with \(option)"
      case .wouldBlock
      where [.startWorkers, .startForkServer].contains(error.operation):
        "raise the limit of processes of its user (ulimit -u) or of its cgroup (TasksMax=, pids.max)"
      case .tooManyOpenFiles, .tooManyOpenFilesInSystem:
        "raise the limit of open files (ulimit -n, LimitNOFILE=)"
      case .addressNotAvailable: "choose an address of this machine with --host"
      case .permissionDenied where isSocket: "choose another with --socket"
      case .permissionDenied where error.operation == .listen:
        "ports below 1024 need the capability CAP_NET_BIND_SERVICE: choose another with --port"
      default: nil
      }
    self.init("\(error)" + (cure.map { "; \($0)" } ?? ""), errorNumber: error.number)
  }
}
