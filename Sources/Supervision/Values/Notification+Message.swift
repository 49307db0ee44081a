extension Notification {
  /// The longest status that is taken, in bytes of UTF-8; what follows is cut off.
  package static let longestStatus = 1024

  /// Reads a message: `NAME=value` lines. Those that mean nothing here are passed over, `MAINPID`
  /// among them: the leader of a run is known.
  ///
  /// As systemd has it, the NUL that ends a string of C may be part of the message; one anywhere
  /// else is not taken, and gives nil.
  package init?(message: [UInt8]) {
    let text = message.last == 0 ? message.dropLast() : message[...]
    guard !text.contains(0) else { return nil }
    for line in text.split(separator: UInt8(ascii: "\n")) {
      let text = String(decoding: line, as: UTF8.self)
      switch text {
      case "READY=1": isReady = true
      case "STOPPING=1": isStopping = true
      case "WATCHDOG=1": isAlive = true
      case "WATCHDOG=trigger": hasFailed = true
      default:
        if text.hasPrefix("STATUS=") { status = Self.cut(text.dropFirst("STATUS=".count)) }
      }
    }
  }

  /// Whether it says nothing.
  package var isEmpty: Bool { self == Notification() }

  /// Adds what a later message says.
  package mutating func merge(_ later: Notification) {
    isReady = isReady || later.isReady
    isStopping = isStopping || later.isStopping
    isAlive = isAlive || later.isAlive
    hasFailed = hasFailed || later.hasFailed
    status = later.status ?? status
  }

  private static func cut(_ status: Substring) -> String {
    var result = status
    // A character is never cut in two.
    while result.utf8.count > longestStatus { result.removeLast() }
    return String(result)
  }
}
