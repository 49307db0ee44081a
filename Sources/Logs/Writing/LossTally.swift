/// The lines of a log that could not be written, and of which the log does not say so yet.
struct LossTally {
  /// Why a line of the supervisor is not taken.
  static let fullQueue = "too much waits to be written"

  /// How many lines are missing.
  private(set) var lines = 0
  /// Why, as far as is known last.
  private(set) var reason = ""
  /// Lines of the supervisor that were not taken because too much waits, beside those.
  private var refused = 0
  /// How many lines have been lost since the log was opened.
  private(set) var total = 0

  /// Counts lines that are lost, whether the log will say so or is closed.
  mutating func count(_ lines: Int) { total += lines }

  /// What the log says of the lines that are missing.
  var notice: String {
    let subject = lines == 1 ? "1 line was" : "\(lines) lines were"
    return "\(subject) lost: \(reason)"
  }

  /// Notes that lines are missing.
  ///
  /// - Parameter reason: nil if it is that of the last loss.
  /// - Returns: whether they are the first ones.
  mutating func add(_ count: Int, because reason: String?) -> Bool {
    let isFirst = lines == 0
    lines += count
    if let reason { self.reason = reason }
    return isFirst
  }

  /// Notes why the lines that are missing still cannot be written, or those that come now.
  mutating func note(_ reason: String) { self.reason = reason }

  /// Notes that the log says of so many lines that they are missing.
  ///
  /// - Returns: whether it has said so of all: more may have been lost meanwhile.
  mutating func wereNoted(_ count: Int) -> Bool {
    lines -= count
    return lines == 0
  }

  /// Nothing is missing any more.
  ///
  /// - Returns: whether something was.
  mutating func end() -> Bool {
    defer { lines = 0 }
    return lines > 0
  }

  /// Notes that a line of the supervisor is not taken.
  ///
  /// - Returns: whether it is the first of those that are to be noted together.
  mutating func refuse() -> Bool {
    refused += 1
    return refused == 1
  }

  /// Has the lines that were not taken noted with those that were lost.
  mutating func addRefused() {
    lines += refused
    refused = 0
    reason = Self.fullQueue
  }
}
