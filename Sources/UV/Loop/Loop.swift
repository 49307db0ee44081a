import CLibUV
import Synchronization

/// An event loop (`uv_loop_t`): everything on it happens on the thread that runs it.
package final class Loop {
  /// How long ``run(_:)`` goes on.
  package enum RunMode {
    /// Until nothing keeps the loop alive, or ``Loop/stop()``.
    case untilDone
    /// One turn, waiting for something to happen.
    case once
    /// One turn, without waiting.
    case noWait
  }

  /// The C loop: on the heap, since libuv keeps its address.
  let pointer: UnsafeMutablePointer<uv_loop_t>
  /// Where every stream reads to: what is read is consumed before the next read.
  let readBuffer = ByteBuffer(capacity: 64 * 1024)
  /// Closes what others have handed over.
  private(set) lazy var closer = DescriptorCloser(on: self)
  /// Gives work the threads of libuv's pool.
  package var pool: Pool {
    if let madePool { return madePool }
    let pool = Pool(on: self)
    madePool = pool
    return pool
  }
  private var madePool: Pool?
  /// What others keep on the loop, by its type.
  private var parts: [ObjectIdentifier: any LoopPart] = [:]
  private var isClosed = false
  /// What is called before the loop waits, and what calls it.
  private var postponed: [() -> Void] = []
  private var prepare: Prepare?

  /// Makes a loop (`uv_loop_init`).
  package init() throws(UVError) {
    pointer = .allocate(capacity: 1)
    let result = uv_loop_init(pointer)
    guard result == 0 else {
      pointer.deallocate()
      isClosed = true
      throw UVError(code: result, operation: "create an event loop")
    }
  }

  deinit {
    precondition(isClosed, "a loop was dropped without close()")
  }

  /// What one of its kind keeps on this loop.
  func part<Part: LoopPart>(_ type: Part.Type) -> Part {
    if let part = parts[ObjectIdentifier(type)] { return unsafeDowncast(part, to: type) }
    let part = type.init(on: self)
    parts[ObjectIdentifier(type)] = part
    return part
  }

  /// Runs the loop (`uv_run`).
  ///
  /// - Returns: whether something still keeps the loop alive.
  @discardableResult
  package func run(_ mode: RunMode = .untilDone) -> Bool {
    switch mode {
    case .untilDone: uv_run(pointer, UV_RUN_DEFAULT) != 0
    case .once: uv_run(pointer, UV_RUN_ONCE) != 0
    case .noWait: uv_run(pointer, UV_RUN_NOWAIT) != 0
    }
  }

  /// Turns the loop until something is so.
  ///
  /// It is also asked within each turn, before the loop waits: a timer that was due at the
  /// beginning of the turn may have made it so, and nothing else may happen for long then.
  ///
  /// - Returns: whether it is so; false where nothing keeps the loop alive any more.
  @discardableResult
  package func run(until condition: () -> Bool) -> Bool {
    let prepare = Prepare(on: self)
    defer { prepare.close() }
    prepare.unref()
    return withoutActuallyEscaping(condition) { condition in
      prepare.start { [unowned self] in
        // It may be one of those that makes it so, and handles of a kind are called in an order of
        // their own.
        runPostponed()
        if condition() { stop() }
      }
      defer { prepare.stop() }
      while !condition() {
        guard run(.once) else { return condition() }
      }
      return true
    }
  }

  /// Turns the loop until something is so, but no longer than for a while, and while something
  /// keeps it alive.
  package func run(upTo limit: Duration, until condition: () -> Bool) throws(UVError) {
    let timer = try Timer(on: self)
    defer { timer.close() }
    var isOver = false
    timer.start(after: limit) { isOver = true }
    run { condition() || isOver }
  }

  /// Has a closure called once, in this turn of the loop or the next one, before the loop waits:
  /// for work that a client who waits for an answer does not wait for.
  package func beforeWaiting(_ body: @escaping () -> Void) {
    postponed.append(body)
    guard postponed.count == 1 else { return }
    let prepare = self.prepare ?? Prepare(on: self)
    self.prepare = prepare
    prepare.start { [unowned self] in runPostponed() }
  }

  private func runPostponed() {
    while !postponed.isEmpty {
      let bodies = postponed
      postponed = []
      for body in bodies { body() }
    }
    prepare?.stop()
  }

  /// Makes ``run(_:)`` return at the end of this turn (`uv_stop`).
  package func stop() {
    uv_stop(pointer)
  }

  /// The loop's own clock: milliseconds, monotonic, read once a turn (`uv_now`).
  package var now: Duration {
    .milliseconds(uv_now(pointer))
  }

  /// The kinds of the handles that are still open (`uv_walk`), those being closed included. What
  /// has no ``Handle`` is not among them.
  package var openHandles: [String] {
    var names: [String] = []
    withUnsafeMutablePointer(to: &names) { names in
      uv_walk(pointer, { Loop.note($0, into: $1) }, names)
    }
    return names
  }

  private static func note(
    _ handle: UnsafeMutablePointer<uv_handle_t>?, into names: UnsafeMutableRawPointer?
  ) {
    guard let handle, let names, uv_handle_get_data(handle) != nil else { return }
    let kind = uv_handle_type_name(uv_handle_get_type(handle)).map { String(cString: $0) }
    let state = uv_is_closing(handle) != 0 ? " (closing)" : ""
    names.assumingMemoryBound(to: [String].self).pointee.append((kind ?? "unknown") + state)
  }

  /// How long work on the pool is waited for where everything is given up.
  private static let lastPatience: Duration = .seconds(1)

  /// Closes every handle, of all owners, and the loop: for a start that has failed half-way. Where
  /// work hangs on the pool, the loop stays with it for as long as the process lives.
  package func abandon() throws(UVError) {
    runPostponed()
    uv_walk(pointer, { handle, _ in Loop.abandon(handle) }, nil)
    let end = Clock.monotonicTime + Self.lastPatience
    while run(.noWait) {
      guard Clock.monotonicTime < end else {
        pool.leave()
        let address = UInt(bitPattern: Unmanaged.passRetained(self).toOpaque())
        Self.left.withLock { $0.append(address) }
        return
      }
      Clock.sleep(.microseconds(200))
    }
    try close()
  }

  /// The addresses of the loops that stay with their work, so that LeakSanitizer finds what they
  /// hold.
  private static let left = Mutex<[UInt]>([])

  private static func abandon(_ handle: UnsafeMutablePointer<uv_handle_t>?) {
    // libuv's own handles on the loop have no owner, nor has the one of the pool.
    guard let handle, uv_handle_get_data(handle) != nil else { return }
    Handle.owner(of: handle, as: Handle.self).close()
  }

  /// Closes the loop for good (`uv_loop_close`).
  ///
  /// - Throws: `EBUSY` while a handle is open or a request is under way; ``openHandles`` tells.
  package func close() throws(UVError) {
    guard !isClosed else { return }
    for part in parts.values { part.close() }
    madePool?.close()
    prepare?.close()
    prepare = nil
    postponed = []
    uv_run(pointer, UV_RUN_NOWAIT)
    try UVError.check(uv_loop_close(pointer), "close the event loop")
    // A loop that is still busy needs them.
    parts = [:]
    isClosed = true
    pointer.deallocate()
  }
}
