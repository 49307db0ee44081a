/// Lets so many through at a time, the others in the order in which they came: what is bounded
/// by it is the memory that readers of logs take.
final class Turnstile {
  private let places: Int
  private var taken = 0
  private var waiting: [() -> Void] = []

  init(places: Int) {
    self.places = places
  }

  /// Calls `body` when there is a place for it; it ends with ``leave()``.
  func enter(_ body: @escaping () -> Void) {
    guard taken < places else { return waiting.append(body) }
    taken += 1
    body()
  }

  /// Gives a place to the next one.
  func leave() {
    taken -= 1
    if !waiting.isEmpty { enter(waiting.removeFirst()) }
  }
}
