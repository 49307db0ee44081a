package import UV

/// What a test left behind on its loop.
package struct LoopNotDone: Error, CustomStringConvertible {
  /// What went wrong: the loop hung, or could not be closed.
  package let what: String
  /// The kinds of the handles that are still open.
  package let openHandles: [String]

  package var description: String {
    "\(what); open: \(openHandles.isEmpty ? "nothing" : openHandles.joined(separator: ", "))"
  }
}

/// Gives a test a loop, runs it until nothing keeps it alive, and closes it.
///
/// - Parameters:
///   - limit: how long the loop may run before the test has failed.
///   - body: sets the scene; it may also run the loop itself.
/// - Throws: what `body` throws; ``LoopNotDone`` naming the handles left open when the loop hangs
///   or cannot be closed, so that a handle that is never closed fails the test.
@discardableResult
package func withLoop<Value>(
  limit: Duration = .seconds(120), _ body: (Loop) throws -> Value
) throws -> Value {
  let loop = try Loop()
  let watchdog = try Timer(on: loop)
  var hung: String?
  let begin = Clock.monotonicTime
  let beganWith = threadTime()
  var bodyEnd: Duration?
  watchdog.start(after: limit) {
    // What it was that took so long.
    let times =
      "\(Clock.monotonicTime - begin), \(threadTime() - beganWith) of that on a core"
    let body = bodyEnd.map { "the body took \($0 - begin)" } ?? "the body had not ended"
    hung = "still busy after \(limit) (\(times); \(body))"
    loop.stop()
  }
  watchdog.unref()
  let value: Value
  do {
    value = try body(loop)
  } catch {
    // What the test has left open says nothing, and a loop that is dropped would end all other
    // tests.
    try loop.abandon()
    throw error
  }
  bodyEnd = Clock.monotonicTime
  loop.run()
  watchdog.close()
  loop.run(.noWait)
  let openHandles = loop.openHandles
  if let hung {
    try loop.abandon()
    throw LoopNotDone(what: "the loop was \(hung)", openHandles: openHandles)
  }
  do {
    try loop.close()
  } catch {
    try loop.abandon()
    throw LoopNotDone(what: "\(error)", openHandles: openHandles)
  }
  return value
}

/// Runs the loop turn by turn until something is so.
///
/// - Parameter limit: how long that may take before the test has failed.
/// - Throws: ``LoopNotDone`` when it takes longer, or when nothing keeps the loop alive and it
///   still is not so.
package func runLoop(
  _ loop: Loop, limit: Duration = .seconds(120), until condition: () -> Bool
) throws {
  let watchdog = try Timer(on: loop)
  defer { watchdog.close() }
  var hung = false
  watchdog.start(after: limit) { hung = true }
  watchdog.unref()
  let isAlive = loop.run { condition() || hung }
  if condition() { return }
  throw LoopNotDone(
    what: isAlive ? "still waiting after \(limit)" : "the loop ran dry before its time",
    openHandles: loop.openHandles)
}

/// The same for something that the loop does not hear of: what a process has become, or what a
/// handle tells that does not keep the loop running.
package func pollLoop(_ loop: Loop, until condition: () -> Bool) throws {
  let timer = try Timer(on: loop)
  defer { timer.close() }
  timer.start(after: .zero, repeating: .milliseconds(1)) {}
  try runLoop(loop, until: condition)
}

/// Lets the loop turn for a while: for tests that something does not happen.
///
/// - Returns: how many turns it took.
package func turn(_ loop: Loop, for duration: Duration) throws -> Int {
  var looks = 0
  try loop.run(upTo: duration) {
    looks += 1
    return false
  }
  // Before each turn and within it.
  return looks / 2
}
