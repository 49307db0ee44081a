import CLinux
import Glibc

extension OutputPipe {
  /// How many silent polls make a pipe watched again.
  private static let patience = 5
  /// The most that is read from one pipe before the loop gets its turn.
  static let turn = 1024 * 1024
  /// How large a pipe is made that is written to as fast as can be.
  private static let largeCapacity: Int32 = 1024 * 1024

  /// Reads once: how many bytes; zero for the end, a negative errno.
  func readOnce(into buffer: ByteBuffer) -> Int {
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
      case .watched, .polled, .flowing: break
      case .new, .paused, .draining, .closed: return nil
      }
      if count < scheduler.buffer.capacity { return total }
    }
    return total
  }

  func readable() {
    switch state {
    case .watched:
      guard let count = readTurn() else { return }
      if isFull(count) { flow(count) } else if count > 0 { slowDown() }
    case .flowing(let before):
      guard let count = readTurn() else { return }
      state = .flowing(sinceTick: before + count)
    case .new, .polled, .paused, .draining, .closed: return
    }
  }

  /// One poll of the scheduler.
  func poll() {
    isListed = false
    switch state {
    case .polled(let silent):
      guard let count = readTurn() else { return }
      if isFull(count) {
        watch.watch()
        flow(count)
      } else if count > 0 || silent + 1 < Self.patience {
        state = .polled(silentPolls: count > 0 ? 0 : silent + 1)
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
    state = .polled(silentPolls: 0)
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
