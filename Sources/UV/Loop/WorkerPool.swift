import CLibUV
import Glibc
import Synchronization

/// The threads of libuv's pool, which files are read and written on: as many as
/// `UV_THREADPOOL_SIZE` says where that is set, else 16. libuv makes the threads at the first
/// request, and aborts the process where it cannot.
package enum WorkerPool {
  /// Four of them are enough for each of: a log disk, a disk of the daemon's own files, one of
  /// environment files; an idle thread takes some 10 KiB.
  private static let defaultSize = 16
  /// The fewest to do with where the system gives no more.
  private static let leastSize = 4
  private static let variable = "UV_THREADPOOL_SIZE"

  private struct State {
    /// How many the system can give, where that was tried.
    var tried: Int?
    /// How many there are.
    var made: Int?
  }

  private static let state = Mutex(State())

  /// Has the threads be there from now on, so that no limit that is set or reached later can end
  /// the process.
  ///
  /// First it is tried whether so many threads can be made: twice as many, since the kernel may
  /// count one that has just ended for a moment longer. Where the operator has not set how many,
  /// fewer have to do.
  ///
  /// - Throws: `EAGAIN` where they cannot (`RLIMIT_NPROC`, `pids.max`), `ENOMEM`.
  package static func start(on loop: Loop) throws(UVError) {
    var size = wantedSize ?? defaultSize
    while true {
      do throws(UVError) {
        try tryThreads(2 * size)
        break
      } catch {
        guard wantedSize == nil, size > leastSize else { throw error }
        size /= 2
      }
    }
    state.withLock { $0.tried = size }
    // A pool makes them.
    _ = loop.pool
  }

  /// Whether work is on a thread, or on its way back: an exit(3) would wait for it.
  package static var isBusy: Bool {
    begun.load(ordering: .relaxed) != done.load(ordering: .relaxed)
  }
  static func noteBegun() { begun.add(1, ordering: .relaxed) }
  private static let begun = Atomic<Int>(0)
  static func noteDone() { done.add(1, ordering: .relaxed) }
  private static let done = Atomic<Int>(0)

  /// What earlier loops have left on the threads.
  static let left = LeftWork()

  /// As libuv reads it; nil if it is not set.
  private static var wantedSize: Int? {
    guard let text = getenv(variable) else { return nil }
    return min(1024, max(1, Int(atoi(text))))
  }

  /// Makes the threads unless they are there.
  ///
  /// - Returns: how many there are.
  static func makeThreads(on loop: Loop) -> Int {
    state.withLock { state in
      if let made = state.made { return made }
      let wanted = wantedSize
      let size = wanted ?? state.tried ?? defaultSize
      // libuv looks at it once, and children are not to inherit it.
      if wanted == nil { setenv(variable, "\(size)", 1) }
      let request = UnsafeMutablePointer<uv_fs_t>.allocate(capacity: 1)
      request.initialize(to: uv_fs_t())
      // Any request starts all of the threads. The root directory is always there.
      let result = uv_fs_stat(loop.pointer, request, "/") { request in
        uv_fs_req_cleanup(request)
        request?.deallocate()
      }
      precondition(result == 0, "uv_fs_stat: \(result)")
      if wanted == nil { unsetenv(variable) }
      state.made = size
      return size
    }
  }

  private static func tryThreads(_ count: Int) throws(UVError) {
    var threads: [uv_thread_t] = []
    let gate = UnsafeMutablePointer<uv_sem_t>.allocate(capacity: 1)
    defer { gate.deallocate() }
    try UVError.check(uv_sem_init(gate, 0), "make a semaphore")
    defer { uv_sem_destroy(gate) }
    var result: Int32 = 0
    while threads.count < count, result == 0 {
      var thread = uv_thread_t()
      result = uv_thread_create(
        &thread, { gate in gate.map { uv_sem_wait($0.assumingMemoryBound(to: uv_sem_t.self)) } },
        gate)
      if result == 0 { threads.append(thread) }
    }
    for _ in threads { uv_sem_post(gate) }
    for index in threads.indices { uv_thread_join(&threads[index]) }
    try UVError.check(result, .startWorkers)
  }
}
