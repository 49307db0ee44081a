import HTTP
import UV

/// The value of the Date field, rendered once a second.
final class HTTPDate {
  private let clock: Clock
  private var second: Int64 = -1
  private var text = ""

  init(_ clock: Clock) {
    self.clock = clock
  }

  var now: String {
    let second = clock.sinceEpoch().components.seconds
    if second != self.second {
      self.second = second
      text = httpDate(secondsSinceEpoch: second)
    }
    return text
  }
}
