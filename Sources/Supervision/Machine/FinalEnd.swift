import Basics

/// How a process ended that is not started again by itself.
enum FinalEnd: Equatable {
  /// Its last run ended like that.
  case exit(ExitStatus)
  /// It could not be started, or was ended because something was wrong with it.
  case failure
}

extension ProcessMachine {
  /// How it ended, where it has ended for good and by itself: it is to be up, but nothing runs, and
  /// nothing will until an operator does something. Nil for all others, and for one that an
  /// operator has stopped.
  var endedForGood: FinalEnd? {
    guard showsHowItEnded, shutdown == .no else { return nil }
    switch activity {
    case .idle:
      guard let lastExit, !lastStartFailed else { return .failure }
      // A process that ends as told after a failure has still failed.
      return lastExit.reason != nil && lastExit.status == .code(0)
        ? .failure : .exit(lastExit.status)
    case .waiting, .blocked, .preparing, .starting, .running, .stopping, .draining, .hook, .gone:
      return nil
    }
  }
}
