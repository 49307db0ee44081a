import UV

/// Looks once a second after what waits for a log: whether its file system still answers, and
/// whether the client is still there. Its timer runs only while something waits, and does not keep
/// the loop running: the work that is waited for does.
final class StallWatch {
  private let loop: Loop
  private var bodies: [Int: () -> Void] = [:]
  private var lastID = 0
  private var timer: Timer?
  private static let interval = Duration.seconds(1)

  init(loop: Loop) {
    self.loop = loop
  }

  /// Has `body` called once a second until ``remove(_:)``. Without a timer, which takes a lack of
  /// memory, it is not called.
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
