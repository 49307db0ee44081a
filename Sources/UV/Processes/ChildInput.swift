import Glibc

/// The standard input of a child: writes are queued and never block.
package final class ChildInput {
  private let stream: Stream
  private var pending = 0
  private var closesWhenDrained = false

  init(_ stream: Stream) {
    self.stream = stream
  }

  /// Writes bytes, after those that still wait.
  ///
  /// - Parameter then: called exactly once, as ``Stream/write(_:then:)`` does: before this returns
  ///   when the pipe took everything at once. `EPIPE` when the child has closed its end or this
  ///   end is closed.
  package func write(_ bytes: [UInt8], then: @escaping (UVError?) -> Void) {
    guard !stream.isClosing, !closesWhenDrained else {
      return then(UVError(code: -EPIPE, operation: "write to", subject: stream.peer))
    }
    pending += 1
    stream.write(bytes) { [self] error in
      pending -= 1
      then(error)
      if closesWhenDrained, pending == 0 { close() }
    }
  }

  /// How many bytes the child has not taken yet.
  package var queuedBytes: Int { stream.queuedBytes }

  /// Closes the pipe once everything is written: the child then reads the end of its input.
  package func closeWhenDrained() {
    closesWhenDrained = true
    if pending == 0 { close() }
  }

  /// Closes the pipe; what still waits fails with `ECANCELED`.
  package func close() {
    stream.close()
  }
}
