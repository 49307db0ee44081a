import CLibUV
import Glibc

/// libuv's pool of worker threads, which files are read and written on (`UV_THREADPOOL_SIZE`, four unless that is
/// set). libuv makes the threads at the first request, and aborts the process where it cannot.
package enum WorkerPool {
  /// Has the threads be there from now on, so that no limit that is set or reached later can end the process.
  ///
  /// First it is tried whether so many threads can be made: twice as many, since the kernel may count one that
  /// has just ended for a moment longer.
  ///
  /// - Throws: `EAGAIN` where they cannot (`RLIMIT_NPROC`, `pids.max`), `ENOMEM`.
  package static func start(on loop: Loop) throws(UVError) {
    try tryThreads(2 * size)
    let request = UnsafeMutablePointer<uv_fs_t>.allocate(capacity: 1)
    request.initialize(to: uv_fs_t())
    // Any request starts all of the threads.
    let result = uv_fs_stat(loop.pointer, request, "/") { request in
      uv_fs_req_cleanup(request)
      request?.deallocate()
    }
    guard result == 0 else {
      request.deallocate()
      throw UVError(code: result, operation: operation)
    }
  }

  /// What errors call it.
  package static let operation = "start worker threads"

  /// As libuv reads it.
  private static var size: Int {
    guard let text = getenv("UV_THREADPOOL_SIZE") else { return 4 }
    return min(1024, max(1, Int(atoi(text))))
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
    try UVError.check(result, operation)
  }
}
