import Glibc

/// Reads the records of processes, and a variable in the environment of each, on the pool. A
/// process that does not let itself be read holds a thread until it does; four at the most. What is
/// left then is hidden (``ProcessScan/hidden``).
///
/// One of them serves all that look on a loop, one after the other: a process that holds a thread
/// is not tried for another.
package final class ProcessScanner {
  private let loop: Loop
  private let timer: Timer
  private var current: Current?
  private var waiting: [Request] = []
  /// The processes whose threads have not come back, by the number of the thread.
  private var stuck: [Int: ProcessLook.Reading] = [:]
  private var lastThread = 0
  private var works: [Int: PoolWork] = [:]
  private var isClosed = false

  private struct Request {
    let pids: [Int32]?
    var variable: ProcessLook.Variable?
    var hasDetails = false
    let then: (ProcessScan) -> Void
  }

  /// One look.
  private struct Current {
    let look: ProcessLook
    let then: (ProcessScan) -> Void
    /// The threads that are at it and have not been given up.
    var threads: Set<Int> = []
    /// How many had been read when that was looked at last.
    var steps = 0
  }

  /// How long a process may take. Memory is locked for microseconds, but a thread may have to wait
  /// for a processor.
  private static let patience: Duration = .milliseconds(250)
  private static let mostStuck = 4
  /// From so many processes on, two threads share them.
  private static let manyProcesses = 100

  /// A scanner.
  package init(on loop: Loop) throws(UVError) {
    self.loop = loop
    timer = try Timer(on: loop)
    timer.unref()
  }

  /// Looks at processes.
  ///
  /// - Parameters:
  ///   - pids: the processes; nil: all that there are.
  ///   - variable: the name of the variable.
  ///   - memory: what is known of that variable already.
  ///   - then: called once, unless ``close()`` comes first: after this returns, on the loop.
  package func scan(
    _ pids: [Int32]? = nil, for variable: String, _ memory: EnvironmentMemory,
    then: @escaping (ProcessScan) -> Void
  ) {
    enqueue(
      Request(pids: pids, variable: ProcessLook.Variable(variable, memory), then: then))
  }

  /// Reads the records of processes alone.
  ///
  /// - Parameters:
  ///   - pids: the processes.
  ///   - hasDetails: whether what they have open and had of the disks is read as well.
  ///   - then: as above; no variable is known of any.
  package func readRecords(
    of pids: [Int32], hasDetails: Bool = false, then: @escaping (ProcessScan) -> Void
  ) {
    enqueue(Request(pids: pids, hasDetails: hasDetails, then: then))
  }

  private func enqueue(_ request: Request) {
    guard !isClosed else { return }
    waiting.append(request)
    if current == nil { begin() }
  }

  private func begin() {
    guard current == nil, !waiting.isEmpty else { return }
    let request = waiting.removeFirst()
    let look = ProcessLook(
      request.pids, without: Array(stuck.values), variable: request.variable,
      hasDetails: request.hasDetails)
    current = Current(look: look, then: request.then)
    let isLong = request.pids.map { $0.count >= Self.manyProcesses } ?? false
    for _ in 0..<(isLong ? 2 : 1) { addThread() }
    timer.start(after: Self.patience, repeating: Self.patience) { [weak self] in self?.check() }
  }

  private func addThread() {
    guard let look = current?.look else { return }
    lastThread += 1
    let thread = lastThread
    current?.threads.insert(thread)
    // A record by itself costs half as much without the gate. A process that hangs costs one look
    // its patience then, and a thread; while that is at it, no other one is held in the same way.
    let isGated = look.readsEnvironments || !stuck.isEmpty
    works[thread] = PoolWork.run(on: loop, .processes) {
      look.work(as: thread, isGated: isGated)
    } then: { [weak self] in
      self?.ended(thread)
    }
  }

  private func ended(_ thread: Int) {
    works[thread] = nil
    stuck[thread] = nil
    guard current?.threads.remove(thread) != nil, let current else { return }
    guard !current.threads.isEmpty else { return deliver() }
    let progress = current.look.progress
    // The others have not begun: there may be no thread for them.
    guard !progress.hasMore, !progress.isListing, progress.readings.isEmpty else { return }
    for thread in current.threads { works.removeValue(forKey: thread)?.cancel() }
    deliver()
  }

  /// Leaves those to their threads that do not let themselves be read.
  private func check() {
    guard let current else { return }
    let progress = current.look.progress
    guard progress.steps == current.steps, !progress.isListing else {
      self.current?.steps = progress.steps
      return
    }
    var isQueued = false
    for thread in current.threads {
      if let reading = progress.readings[thread] {
        stuck[thread] = reading
        current.look.giveUp(thread)
      } else {
        // It has not got a thread of the pool yet. Another one would not, either.
        isQueued = true
        works.removeValue(forKey: thread)?.cancel()
      }
    }
    self.current?.threads = []
    if !isQueued, progress.hasMore, stuck.count < Self.mostStuck { return addThread() }
    deliver()
  }

  private func deliver() {
    guard let current else { return }
    self.current = nil
    timer.stop()
    current.then(current.look.take())
    begin()
  }

  /// Looks no more.
  package func close() {
    isClosed = true
    current = nil
    waiting = []
    for work in works.values { work.cancel() }
    works = [:]
    timer.close()
  }
}
