package import Basics

extension ExitStatus: CustomStringConvertible {
  /// `exit status: 1` or `signal: 9 (SIGKILL)`: the wording of the seeds' logs.
  package var description: String {
    switch self {
    case .code(let code): "exit status: \(code)"
    case .signal(let signal): "signal: \(signal.number) (\(signal.name))"
    }
  }
}
