import Glibc

/// Looks at processes and at a variable in the environment of each, on the pool. A process that does not let itself be
/// read holds a thread until it does; four at the most. What is left then is hidden (``ProcessScan/hidden``).
package final class ProcessScanner {
  private let loop: Loop
  private let variable: String
  private let memory = EnvironmentMemory()
  private let timer: Timer
  private var current: Current?
  /// The processes whose threads have not come back, by the number of the thread.
  private var stuck: [Int: ProcessLook.Reading] = [:]
  private var lastThread = 0
  private var works: [Int: PoolWork] = [:]

  /// One look.
  private struct Current {
    let look: ProcessLook
    let then: (ProcessScan) -> Void
    /// The threads that are at it and have not been given up.
    var threads: Set<Int> = []
    /// How many had been read when that was looked at last.
    var steps = 0
  }

  /// How long a process may take. Memory is locked for microseconds, but a thread may have to wait for a processor.
  private static let patience: Duration = .milliseconds(250)
  private static let mostStuck = 4

  /// A scanner.
  ///
  /// - Parameter variable: the name of the variable.
  package init(on loop: Loop, variable: String) throws(UVError) {
    self.loop = loop
    self.variable = variable
    timer = try Timer(on: loop)
    timer.unref()
  }

  /// Whether a look is under way.
  package var isScanning: Bool { current != nil }

  /// Looks at processes; one look at a time.
  ///
  /// - Parameters:
  ///   - pids: the processes; nil: all that there are.
  ///   - then: called once, unless ``close()`` comes first: after this returns, on the loop.
  package func scan(_ pids: [Int32]? = nil, then: @escaping (ProcessScan) -> Void) {
    precondition(current == nil, "another look is under way")
    let look = ProcessLook(
      pids, without: Array(stuck.values), variable: variable, memory: memory)
    current = Current(look: look, then: then)
    addThread()
    timer.start(after: Self.patience, repeating: Self.patience) { [weak self] in self?.check() }
  }

  private func addThread() {
    guard let look = current?.look else { return }
    lastThread += 1
    let thread = lastThread
    current?.threads.insert(thread)
    works[thread] = PoolWork.run(on: loop, .processes) {
      look.work(as: thread)
    } then: { [weak self] in
      self?.ended(thread)
    }
  }

  private func ended(_ thread: Int) {
    works[thread] = nil
    stuck[thread] = nil
    guard current?.threads.remove(thread) != nil, current?.threads.isEmpty == true else { return }
    deliver()
  }

  /// Leaves those to their threads that do not let themselves be read.
  private func check() {
    guard let current else { return }
    let progress = current.look.progress
    guard progress.steps == current.steps else {
      self.current?.steps = progress.steps
      return
    }
    var isQueued = false
    for thread in current.threads {
      if let reading = progress.readings[thread] {
        stuck[thread] = reading
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
  }

  /// Forgets what was read of other processes than these.
  package func keep(only members: Set<SystemProcess.Member>) { memory.keep(only: members) }

  /// Looks no more.
  package func close() {
    current = nil
    for work in works.values { work.cancel() }
    works = [:]
    timer.close()
  }
}
