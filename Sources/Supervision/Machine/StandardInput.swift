/// The standard input of a run whose leader is alive, as the daemon sees it.
package struct StandardInput: Hashable, Sendable {
  /// Whether a client has closed it, or the leader has ended.
  package var isClosed: Bool
  /// How many bytes wait for the process to read them.
  package var waitingBytes: Int

  package init(isClosed: Bool, waitingBytes: Int) {
    self.isClosed = isClosed
    self.waitingBytes = waitingBytes
  }

  /// How much may wait for a process that does not read, in bytes. What is larger by itself is
  /// taken if nothing waits.
  static let limit = 1 << 20

  /// Why a client cannot write to a process of which no leader is alive, in words.
  package static func refusal(withoutLeaderOf name: String) -> String {
    Messages.isNotRunning(name)
  }

  /// Why a client cannot write to it, in words; nil if it can.
  /// - Parameters:
  ///   - count: how many bytes it wants to write.
  ///   - name: the process or copy.
  package func refusal(of count: Int, to name: String) -> String? {
    if isClosed { return Messages.inputIsClosed(name) }
    guard count == 0 || waitingBytes == 0 || waitingBytes + count <= Self.limit else {
      return Messages.inputIsNotRead(name, waitingBytes)
    }
    return nil
  }
}
