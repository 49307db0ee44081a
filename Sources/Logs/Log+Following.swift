package import Basics

extension Log {
  /// Follows the log for a reader: what is there from a place on, and what comes. It ends with
  /// ``LogFollower/close()``, and when the log closes.
  ///
  /// - Parameter requester: who reads; those who read the files take turns.
  package func follow(
    _ query: FollowQuery = FollowQuery(), for requester: PageRequester = PageRequester()
  ) -> LogFollower {
    LogFollower(reader, files, query, for: requester)
  }
}
