/// What the answers of all connections may take in memory that their clients have not read yet.
///
/// An answer is made only when there is room; it may then be larger than what is left. Pages of
/// logs have the smaller part, so that a client that reads none of them does not keep lists and
/// status from others. A client that asks has to wait, and is not refused: see `HTTPServer` for
/// what becomes of those that do not read.
package final class AnswerBudget {
  /// Up to how much unread there is room for a page of a log.
  private let pages: Int
  /// Up to how much unread there is room for any other answer that grows with what the daemon has.
  private let others: Int
  /// How many bytes of answers have been made and not been read.
  package private(set) var unread = 0
  private var waiting: [(isWanted: () -> Bool, body: () -> Void)] = []
  private var isServing = false
  /// Called when there is room for pages again.
  package var onRoomForPages: (() -> Void)?

  /// - Parameters: how many unread bytes there may be for one more of each kind.
  package init(pages: Int = 64 << 20, others: Int = 128 << 20) {
    self.pages = pages
    self.others = others
  }

  /// Whether a page may be made.
  package var hasRoomForPages: Bool { unread < pages }
  /// Whether answers other than pages wait.
  var hasWaiting: Bool { !waiting.isEmpty }

  /// Calls `body` when there is room, in the order of the calls, and never when it is not wanted by
  /// then.
  func enter(isWanted: @escaping () -> Bool, _ body: @escaping () -> Void) {
    guard waiting.isEmpty, unread < others else { return waiting.append((isWanted, body)) }
    body()
  }

  /// Counts what has been made, or, with a negative number, what has been read or given up.
  func change(by bytes: Int) {
    let hadRoom = hasRoomForPages
    unread += bytes
    guard bytes < 0, !isServing else { return }
    isServing = true
    while unread < others, !waiting.isEmpty {
      let next = waiting.removeFirst()
      if next.isWanted() { next.body() }
    }
    isServing = false
    if !hadRoom, hasRoomForPages { onRoomForPages?() }
  }
}
