/// What a request for a page waits for.
enum PagePhase {
  /// For other readers.
  case turn
  /// For what is done to the log before it.
  case log
  /// For the index that another reader or it itself has made.
  case index(SegmentScan?)
  /// For the file system, since then on the loop's clock.
  case files(since: Duration)

  /// How long the file system has not answered.
  ///
  /// - Parameter log: how long it has not answered the log's queue.
  func stalledFor(at now: Duration, _ log: @autoclosure () -> Duration) -> Duration {
    switch self {
    case .turn: .zero
    case .log: log()
    case .index(let scan): scan.map { now - $0.progressAt } ?? .zero
    case .files(let since): now - since
    }
  }
}
