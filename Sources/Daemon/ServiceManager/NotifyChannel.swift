import UV

/// Messages to the service manager: some may be lost where it is busy, since another one follows,
/// the others wait for it.
final class NotifyChannel {
  private let socket: NotifySocket
  private let retry: Timer
  private var waiting: [String] = []
  private var isBroken = false
  /// Hears why nothing can be sent, once until something can be again.
  var onTrouble: ((String) -> Void)?
  private static let retryInterval: Duration = .milliseconds(50)

  init(_ socket: NotifySocket, on loop: Loop) throws(UVError) {
    self.socket = socket
    retry = try Timer(on: loop)
    retry.unref()
  }

  /// Sends a message that another one will make up for.
  /// - Returns: false where the service manager is too busy to take it.
  @discardableResult
  func offer(_ message: String) -> Bool {
    waiting.isEmpty && send(message)
  }

  /// Sends a message that must not get lost: now, or as soon as there is room for it.
  func insist(_ message: String) {
    if offer(message) { return }
    waiting.append(message)
    if waiting.count == 1 {
      retry.start(after: Self.retryInterval, repeating: Self.retryInterval) { [self] in
        sendWaiting()
      }
    }
  }

  /// Lets go of the loop. What waits is given one more chance.
  func close() {
    sendWaiting()
    retry.close()
  }

  private func sendWaiting() {
    while let message = waiting.first, send(message) { waiting.removeFirst() }
    if waiting.isEmpty { retry.stop() }
  }

  /// Whether the message is settled: it was taken, or no process is there to take it.
  private func send(_ message: String) -> Bool {
    do throws(UVError) {
      try socket.send(message)
      isBroken = false
    } catch {
      if error.code == .wouldBlock { return false }
      if !isBroken { onTrouble?("The service manager cannot be told anything: \(error)") }
      isBroken = true
    }
    return true
  }
}
