package import Supervision

/// The one line that `systemctl status` shows of this service.
package enum StatusText {
  /// `127.0.0.1:8080, 3 processes: 2 running, 1 in backoff`.
  /// - Parameter origin: where the daemon listens.
  package static func make(origin: String, counts: [ProcessStatus: Int]) -> String {
    let total = counts.values.reduce(0, +)
    guard total > 0 else { return "\(origin), no processes" }
    let parts = order.compactMap { status in counts[status].map { "\($0) \(words(status))" } }
    let processes = total == 1 ? "1 process" : "\(total) processes"
    return "\(origin), \(processes): \(parts.joined(separator: ", "))"
  }

  /// What runs first, what is wrong last.
  private static let order: [ProcessStatus] = [
    .running, .starting, .waiting, .stopping, .stopped, .manuallyStopped, .backoff, .failed,
  ]

  private static func words(_ status: ProcessStatus) -> String {
    switch status {
    case .running, .starting, .waiting, .stopping, .stopped, .failed: status.rawValue
    case .manuallyStopped: "manually stopped"
    case .backoff: "in backoff"
    }
  }
}
