import UV

/// Looks once a second after what waits for a log: whether its file system still answers, and whether the client is still
/// there. Its timer runs only while something waits, and does not keep the loop running: the work that is waited for does.
final class StallWatch {
  private let loop: Loop
  private var bodies: [Int: () -> Void] = [:]
  private var lastID = 0
  private var timer: Timer?
  private static let interval = Duration.seconds(1)

  init(loop: Loop) {
    self.loop = loop
  }

  /// Has `body` called once a second until ``remove(_:)``. Without a timer, which takes a lack of memory, it is not called.
  func add(_ body: @escaping () -> Void) -> Int {
    lastID += 1
    bodies[lastID] = body
    guard timer?.isActive != true else { return lastID }
    do throws(UVError) {
      if timer == nil {
        timer = try Timer(on: loop)
        timer?.unref()
      }
      timer?.start(after: Self.interval, repeating: Self.interval) { [self] in look() }
    } catch {
      // What waits then ends with its work.
    }
    return lastID
  }

  func remove(_ id: Int) {
    bodies[id] = nil
    guard bodies.isEmpty else { return }
    timer?.stop()
  }

  /// Lets go of the timer, when nothing waits any more.
  func close() {
    timer?.close()
  }

  private func look() {
    for id in bodies.keys.sorted() { bodies[id]?() }
  }
}

extension Log {
  /// How long what is under way has waited for the file system.
  var stalledFor: Duration { isBusy ? context.loop.now - progressAt : .zero }

  /// Whether a client that asks now is told at once that the file system does not answer.
  var isStalled: Bool { stalledFor >= LogStall.limit }

  /// Begins what a client waits for, and answers it once: with what came of it, or with an error as soon as the file system
  /// has not answered for ``LogStall/limit``.
  ///
  /// - Parameters:
  ///   - isWanted: whether it is begun also where the file system is known not to answer.
  ///   - begin: gets what tells whether the answer is still to be given, and what it is to call at its end.
  func answer(
    _ operation: UVError.Operation, to then: @escaping (UVError?) -> Void, isWanted: Bool = false,
    _ begin: (_ isAwaited: @escaping () -> Bool, _ end: @escaping (UVError?) -> Void) -> Void
  ) {
    if isStalled {
      if isWanted { begin({ false }, { _ in }) }
      return then(LogStall.error(operation, path))
    }
    var answer: ((UVError?) -> Void)? = then
    var id = 0
    let end = { [context] (error: UVError?) in
      guard let then = answer else { return }
      answer = nil
      context.stalls.remove(id)
      then(error)
    }
    id = context.stalls.add { [self] in
      guard isStalled else { return }
      end(LogStall.error(operation, path))
    }
    begin({ answer != nil }, end)
  }
}
