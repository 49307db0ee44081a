import Logs
package import Supervision

/// The one line that `systemctl status` shows of this service.
package enum StatusText {
  /// `127.0.0.1:8080, 3 processes: 2 running, 1 in backoff`.
  /// What an operator must know follows: `; 2 problems: …`, the words of the latest one.
  /// - Parameters:
  ///   - origin: where the daemon listens.
  ///   - problems: the message of each, the oldest first.
  package static func make(
    origin: String, counts: [ProcessStatus: Int], problems: [String] = []
  ) -> String {
    var text = processes(origin, counts)
    if let latest = problems.last {
      // One line, of a length that a terminal can show.
      let words = String(decoding: SystemText.escaped(String(latest.prefix(300))), as: UTF8.self)
      let number = problems.count == 1 ? "1 problem" : "\(problems.count) problems"
      text += "; \(number): \(words)"
    }
    return text
  }

  private static func processes(_ origin: String, _ counts: [ProcessStatus: Int]) -> String {
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
