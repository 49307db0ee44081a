import CLinux
import Glibc

/// The reading end of a child's standard output or error.
package final class OutputPipe {
  /// What a pipe is doing.
  private enum State {
    /// Nothing is read before ``OutputPipe/start(onBytes:onEnd:)``.
    case new
    /// Silent: the loop watches it and it costs nothing.
    case watched
    /// Read at each tick; back to watched after some silent ones.
    case ticking(silentTicks: Int)
    /// Written to as fast as can be: watched and read in large pieces. Ticks count what came.
    case flowing(sinceTick: Int)
    /// Not read until ``OutputPipe/resume()``.
    case paused
    /// Being emptied by ``OutputPipe/drainAndClose()``.
    case draining
    /// The end was told, or the pipe was closed.
    case closed
  }

  private let watch: DescriptorWatch
  private let scheduler: OutputScheduler
  private var state = State.new
  private var isListed = false
  private var onBytes: ((RawSpan) -> Void)?
  private var onEnd: ((UVError?) -> Void)?
  /// How much the pipe holds; small pipes are what the system gives to users who have many.
  private var capacity: Int
  private let originalCapacity: Int

  /// How many silent ticks make a pipe watched again.
  private static let patience = 5
  /// The most that is read from one pipe before the loop gets its turn.
  private static let turn = 1024 * 1024
  /// How large a pipe is made that is written to as fast as can be.
  private static let largeCapacity: Int32 = 1024 * 1024

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
    case .watched, .flowing, .ticking:
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

  /// Reads what is in the pipe now, hands it on and tells the end, although somebody may still
  /// hold the other end.
  package func drainAndClose() {
    switch state {
    case .new, .watched, .ticking, .flowing, .paused: state = .draining
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

  private func end(_ error: UVError?) {
    if case .closed = state { return }
    let onEnd = self.onEnd
    close()
    onEnd?(error)
  }

  /// Reads once: how many bytes; zero for the end, a negative errno.
  private func readOnce(into buffer: ByteBuffer) -> Int {
    while true {
      let count = Glibc.read(watch.descriptor, buffer.base, buffer.capacity)
      if count >= 0 { return count }
      if errno != EINTR { return -Int(errno) }
    }
  }

  /// Reads until the pipe is empty, but not more than a turn's worth, and hands it on.
  ///
  /// - Returns: how many bytes came; nil when the pipe is not to be read any more.
  private func readTurn() -> Int? {
    var total = 0
    while total < Self.turn {
      let count = readOnce(into: scheduler.buffer)
      if count == -Int(EAGAIN) { return total }
      if count <= 0 {
        end(UVError(result: count, "read", "the output of a child"))
        return nil
      }
      total += count
      onBytes?(UnsafeRawBufferPointer(start: scheduler.buffer.base, count: count).bytes)
      switch state {
      case .watched, .ticking, .flowing: break
      case .new, .paused, .draining, .closed: return nil
      }
      if count < scheduler.buffer.capacity { return total }
    }
    return total
  }

  private func readable() {
    switch state {
    case .watched:
      guard let count = readTurn() else { return }
      if isFull(count) { flow(count) } else if count > 0 { slowDown() }
    case .flowing(let before):
      guard let count = readTurn() else { return }
      state = .flowing(sinceTick: before + count)
    case .new, .ticking, .paused, .draining, .closed: return
    }
  }

  /// One visit of the scheduler's tick.
  func tick() {
    isListed = false
    switch state {
    case .ticking(let silent):
      guard let count = readTurn() else { return }
      if isFull(count) {
        watch.watch()
        flow(count)
      } else if count > 0 || silent + 1 < Self.patience {
        state = .ticking(silentTicks: count > 0 ? 0 : silent + 1)
        list()
      } else {
        calmDown()
      }
    case .flowing(let count):
      // A quarter here and half in isFull: so a pipe does not change to and fro.
      if count < capacity / 4 { return slowDown() }
      state = .flowing(sinceTick: 0)
      list()
    case .new, .watched, .paused, .draining, .closed: return
    }
  }

  /// Whether the writer probably had to wait. A pipe is full when its pages are taken, and lines
  /// that do not share one leave up to half of them empty.
  private func isFull(_ count: Int) -> Bool {
    count >= capacity / 2
  }

  private func flow(_ count: Int) {
    state = .flowing(sinceTick: count)
    resize(to: Self.largeCapacity)
    list()
  }

  private func slowDown() {
    watch.unwatch()
    state = .ticking(silentTicks: 0)
    list()
  }

  private func calmDown() {
    if capacity > originalCapacity { resize(to: Int32(originalCapacity)) }
    state = .watched
    watch.watch()
  }

  /// Users have a limit on what their pipes hold: where it is reached, the pipe stays as it is.
  private func resize(to size: Int32) {
    let result = fcntl(watch.descriptor, F_SETPIPE_SZ, size)
    if result > 0 { capacity = Int(result) }
  }

  private func list() {
    guard !isListed else { return }
    isListed = true
    scheduler.add(self)
  }
}
