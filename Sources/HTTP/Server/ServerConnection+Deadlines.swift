extension ServerConnection {
  /// When `deadlinePassed` wants to be called next, nil while nothing is waited for.
  package var deadline: Duration? {
    switch phase {
    case .idle(let since): exchanges.isEmpty ? since + limits.idleTime : nil
    case .head(let since): since + limits.headerTime
    case .skipping(_, let since): since + limits.bodyTime
    case .body(let since): since.map { $0 + limits.bodyTime }
    case .lingering(let until): until
    case .draining, .closed: nil
    }
  }

  /// Ends what has taken too long. A call before the deadline does nothing.
  package func deadlinePassed(at now: Duration) {
    guard let deadline, now >= deadline else { return }
    switch phase {
    case .idle, .lingering:
      phase = .closed
    case .head:
      refuse(timeout("the request header was not complete after \(limits.headerTime)"), at: now)
    case .skipping:
      drain(at: now)
    case .body:
      refuse(timeout("the request body was not complete after \(limits.bodyTime)"), at: now)
    case .draining, .closed:
      preconditionFailure("nothing is waited for: \(phase)")
    }
  }

  private func timeout(_ message: String) -> Refusal {
    Refusal(status: .requestTimeout, message: message, isMidMessage: true)
  }
}
