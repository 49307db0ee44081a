import HTTP
import UV

/// The value of the Date field, rendered once a second.
final class HTTPDate {
  private var second: Int64 = -1
  private var text = ""

  var now: String {
    let second = Clock.wallTime.components.seconds
    if second != self.second {
      self.second = second
      text = httpDate(secondsSinceEpoch: second)
    }
    return text
  }
}
