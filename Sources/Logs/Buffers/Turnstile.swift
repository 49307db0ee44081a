/// Lets so many through at a time: what is bounded by it is the memory that readers of logs take. The
/// others wait by party, first come, first served; the parties take turns, so that one that asks for
/// much does not keep the others waiting.
final class Turnstile {
  private let places: Int
  private var taken = 0
  private var waiting: [String: [() -> Void]] = [:]
  /// The parties that wait, the next one first.
  private var turns: [String] = []
  /// Whether there is room for another one at present, for reasons that lie outside; when that changes,
  /// `resume()` is called.
  var isOpen: () -> Bool = { true }

  init(places: Int) {
    self.places = places
  }

  /// Whether anybody waits.
  var hasWaiting: Bool { !turns.isEmpty }

  /// Calls `body` when there is a place for it; it ends with ``leave()``.
  func enter(as party: String, _ body: @escaping () -> Void) {
    guard taken < places, turns.isEmpty, isOpen() else {
      if waiting[party] == nil { turns.append(party) }
      waiting[party, default: []].append(body)
      return
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
    while taken < places, !turns.isEmpty, isOpen() {
      let party = turns.removeFirst()
      guard var bodies = waiting.removeValue(forKey: party) else {
        preconditionFailure("a party has its turn and does not wait")
      }
      let body = bodies.removeFirst()
      if !bodies.isEmpty {
        waiting[party] = bodies
        turns.append(party)
      }
      taken += 1
      body()
    }
  }
}
