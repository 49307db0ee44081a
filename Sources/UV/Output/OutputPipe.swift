import CLinux
import Glibc

/// The reading end of a child's standard output or error.
package final class OutputPipe {
  /// What a pipe is doing.
  enum State {
    /// Nothing is read before ``OutputPipe/start(onBytes:onEnd:)``.
    case new
    /// Silent: the loop watches it and it costs nothing.
    case watched
    /// Polled by the scheduler; watched again after some silent polls.
    case polled(silentPolls: Int)
    /// Written to as fast as can be: watched and read in large pieces. Ticks count what came.
    case flowing(sinceTick: Int)
    /// Not read until ``OutputPipe/resume()``.
    case paused
    /// Being emptied by ``OutputPipe/drainAndClose()``.
    case draining
    /// The end was told, or the pipe was closed.
    case closed
  }

  let watch: DescriptorWatch
  let scheduler: OutputScheduler
  var state = State.new
  /// Whether the scheduler will poll it next time.
  var isListed = false
  private(set) var onBytes: ((RawSpan) -> Void)?
  private var onEnd: ((UVError?) -> Void)?
  /// How much the pipe holds; small pipes are what the system gives to users who have many.
  var capacity: Int
  let originalCapacity: Int

  init(_ watch: DescriptorWatch, scheduler: OutputScheduler) {
    self.watch = watch
    self.scheduler = scheduler
    originalCapacity = max(4096, Int(fcntl(watch.descriptor, F_GETPIPE_SZ)))
    capacity = originalCapacity
  }

  /// Reads from now on.
  ///
  /// - Parameters:
  ///   - onBytes: gets what was read; the bytes are there during the call only.
  ///   - onEnd: called exactly once: without an error when every writer has closed the pipe. Not
  ///     called any more after ``close()``.
  package func start(
    onBytes: @escaping (RawSpan) -> Void, onEnd: @escaping (UVError?) -> Void
  ) {
    guard case .new = state else { return }
    self.onBytes = onBytes
    self.onEnd = onEnd
    watch.whenReadable { [self] in readable() }
    state = .paused
    resume()
  }

  /// Reads nothing until ``resume()``: the pipe fills up and the writer waits.
  package func pause() {
    switch state {
    case .watched, .flowing, .polled:
      watch.unwatch()
      state = .paused
    case .new, .paused, .draining, .closed: return
    }
  }

  /// Reads on.
  package func resume() {
    guard case .paused = state else { return }
    state = .watched
    watch.watch()
  }

  /// Reads what is in the pipe now, hands it on and tells the end, although a process may still
  /// hold the other end.
  package func drainAndClose() {
    switch state {
    case .new, .watched, .polled, .flowing, .paused: state = .draining
    case .draining, .closed: return
    }
    watch.unwatch()
    // The shared buffer may be in use: this can be called while bytes are being handed on.
    let own = ByteBuffer(capacity: 64 * 1024)
    var left = max(capacity, Self.turn)
    while left > 0, case .draining = state {
      let count = readOnce(into: own)
      guard count > 0 else { break }
      left -= count
      onBytes?(UnsafeRawBufferPointer(start: own.base, count: count).bytes)
    }
    end(nil)
  }

  /// Closes the pipe without telling the end. A child that writes on gets `SIGPIPE`.
  package func close() {
    state = .closed
    onBytes = nil
    onEnd = nil
    watch.close()
  }

  func end(_ error: UVError?) {
    if case .closed = state { return }
    let onEnd = self.onEnd
    close()
    onEnd?(error)
  }
}
