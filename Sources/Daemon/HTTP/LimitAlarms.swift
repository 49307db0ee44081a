import UV

/// The limits of the server that clients have run into a moment ago.
final class LimitAlarms {
  /// What there can be too much of.
  enum Limit: String, CaseIterable {
    case tcpConnections = "tcp-connections"
    case unixConnections = "unix-connections"
    case descriptors
  }

  /// Called when a limit is reached, and again when it has not been for a while.
  var onChange: (Limit, _ isReached: Bool) -> Void = { _, _ in }

  private let timers: [Limit: Timer]
  private let patience: Duration

  /// - Parameter patience: how long a limit has to stay out of reach until that is over.
  init(on loop: Loop, patience: Duration = .seconds(10)) throws(UVError) {
    var timers: [Limit: Timer] = [:]
    for limit in Limit.allCases {
      let timer = try Timer(on: loop)
      timer.unref()
      timers[limit] = timer
    }
    self.timers = timers
    self.patience = patience
  }

  /// The limit was reached just now.
  func reach(_ limit: Limit) {
    guard let timer = timers[limit] else { preconditionFailure("each limit has a timer") }
    if !timer.isActive { onChange(limit, true) }
    timer.start(after: patience) { [self] in onChange(limit, false) }
  }

  func close() {
    for timer in timers.values { timer.close() }
  }
}
