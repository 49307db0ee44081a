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

  /// Why a client cannot write to a process, in words; nil if it can.
  /// - Parameters:
  ///   - count: how many bytes it wants to write.
  ///   - name: the process or copy.
  ///   - input: that of its present run; nil if no leader is alive.
  package static func refusal(of count: Int, to name: String, _ input: StandardInput?) -> String? {
    guard let input else { return Messages.isNotRunning(name) }
    if input.isClosed { return Messages.inputIsClosed(name) }
    let waiting = input.waitingBytes
    guard count == 0 || waiting == 0 || waiting + count <= limit else {
      return Messages.inputIsNotRead(name, waiting)
    }
    return nil
  }
}
