import UV

/// Lets so many through at a time: what is bounded by it is the memory that readers of logs take.
/// The others wait by party, first come, first served; the parties take turns, so that one that
/// asks for much does not keep the others waiting.
///
/// Those that have gone while they waited are passed over. They are looked for whenever twice as
/// many wait as were there after the last look, so that clients that come and go do not fill the
/// memory.
final class ConcurrencyLimiter {
  private struct Waiter {
    let isPresent: () -> Bool
    let body: () -> Void
    let gone: () -> Void
  }

  /// Fewer than this are not worth a look for those that have gone.
  private static let leastToLookAt = 64

  private let places: Int
  private var taken = 0
  private var waiting: [String: ArrayQueue<Waiter>] = [:]
  /// The parties that wait, the next one first.
  private var turns = ArrayQueue<String>()
  private var waitingCount = 0
  /// From so many on, those that have gone are looked for.
  private var looksFrom = leastToLookAt
  /// What is called comes back in here: it must not be served inside of a call, or the stack would
  /// grow with every one that waits.
  private var isServing = false
  /// Whether there is room for another one at present, for reasons that lie outside; when that
  /// changes, `resume()` is called.
  var isOpen: () -> Bool = { true }

  init(places: Int) {
    self.places = places
  }

  /// Whether a caller waits.
  var hasWaiting: Bool { waitingCount > 0 }

  /// Calls `body` when there is a place for it; it ends with ``leave()``.
  ///
  /// - Parameters:
  ///   - isPresent: whether it is still wanted; asked of those that wait.
  ///   - gone: called in the place of `body` for one that is not wanted any more; it has no place.
  func enter(
    as party: String, isPresent: @escaping () -> Bool, _ body: @escaping () -> Void,
    gone: @escaping () -> Void
  ) {
    guard taken < places, !hasWaiting, !isServing, isOpen() else {
      if waiting[party] == nil { turns.append(party) }
      waiting[party, default: ArrayQueue()].append(
        Waiter(isPresent: isPresent, body: body, gone: gone))
      waitingCount += 1
      return removeGone()
    }
    taken += 1
    body()
  }

  /// Gives a place to the next one.
  func leave() {
    taken -= 1
    resume()
  }

  /// Lets those through for whom there is a place.
  func resume() {
    guard !isServing else { return }
    isServing = true
    while taken < places, isOpen(), let next = takeNext() {
      taken += 1
      next.body()
    }
    isServing = false
  }

  /// Takes out the next one that is present. Only one that is costs its party the turn.
  private func takeNext() -> Waiter? {
    while let party = turns.popFirst() {
      var next: Waiter?
      while next == nil, let waiter = waiting[party]?.popFirst() {
        waitingCount -= 1
        if waiter.isPresent() { next = waiter } else { waiter.gone() }
      }
      if waiting[party]?.isEmpty == true {
        waiting[party] = nil
      } else {
        turns.append(party)
      }
      if let next { return next }
    }
    return nil
  }

  private func removeGone() {
    guard waitingCount >= looksFrom, !isServing else { return }
    var removed: [Waiter] = []
    var present = ArrayQueue<String>()
    while let party = turns.popFirst() {
      removed += waiting[party]?.remove { !$0.isPresent() } ?? []
      if waiting[party]?.isEmpty == true {
        waiting[party] = nil
      } else {
        present.append(party)
      }
    }
    turns = present
    waitingCount -= removed.count
    looksFrom = max(Self.leastToLookAt, 2 * waitingCount)
    for waiter in removed { waiter.gone() }
  }
}
