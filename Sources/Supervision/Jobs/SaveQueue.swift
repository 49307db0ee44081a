/// Sees to it that `processes.json` is written once at a time, and that every change gets written.
///
/// Changes that come while a write is out are written together by the one after it.
struct SaveQueue {
  /// The write that is under way.
  private(set) var out: SaveID?
  private var isWanted = false
  /// How many writes have begun.
  private(set) var begun: UInt64 = 0
  /// Whether a write that failed is tried again after a while.
  var isRetryArmed = false
  /// Whether the disk holds something else than was last to be written.
  private(set) var isBehind = false
  /// Why the last write failed; nil if it did not.
  private(set) var failure: String?

  /// After this long a write that failed is tried again.
  static let retryDelay: Duration = .seconds(10)

  /// Whether nothing is being written or is to be written.
  var isIdle: Bool { out == nil && !isWanted }

  /// Names the write that will hold a change made now.
  mutating func want() -> SaveID {
    isWanted = true
    return SaveID(begun + 1)
  }

  /// Begins the next write if one is wanted and none is out.
  mutating func begin() -> SaveID? {
    guard isWanted, out == nil else { return nil }
    isWanted = false
    begun += 1
    out = SaveID(begun)
    return out
  }

  /// The file is as it is to be: a write that failed is not missed any more.
  mutating func finishCall() {
    isBehind = false
    failure = nil
  }

  /// The write that was out is done.
  mutating func end(_ save: SaveID) {
    precondition(save == out, "an answer to a save that is not out")
    out = nil
    finishCall()
  }

  /// The write that was out has failed.
  /// - Parameter isMissed: whether the disk holds something else than it is to.
  mutating func fail(_ save: SaveID, _ reason: String, isMissed: Bool) {
    end(save)
    isBehind = isMissed
    failure = reason
  }
}
