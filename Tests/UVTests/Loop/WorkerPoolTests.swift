import Glibc
import TestSupport
import Testing
import UV

@Suite(
  .disabled(
    if: getenv("EXEIO_SANITIZED") != nil, "LeakSanitizer needs a thread at the end, and gets none"))
struct WorkerPoolTests {
  /// Files are still read where no thread can be made after the start.
  @Test(.enabled(if: SystemProcess.isRoot, "root becomes a user of its own for the limit"))
  func theThreadsAreThereBeforeALimitIsReached() async {
    await #expect(processExitsWith: .success) {
      try #require(setuid(54_501) == 0)
      let loop = try Loop()
      try WorkerPool.start(on: loop)
      loop.run()
      var none = rlimit(rlim_cur: 1, rlim_max: 1)
      try #require(setrlimit(__rlimit_resource_t(__RLIMIT_NPROC.rawValue), &none) == 0)
      var isDirectory = false
      PoolWork.run(on: loop, .ownFiles(directory: "/")) {
        // What cannot be looked at is no directory here.
        (try? Files.status(of: "/"))?.isDirectory ?? false
      } then: {
        isDirectory = $0
      }
      loop.run()
      #expect(isDirectory)
      try loop.close()
    }
  }

  @Test(.enabled(if: SystemProcess.isRoot, "root becomes a user of its own for the limit"))
  func withoutThreadsTheStartIsRefusedAndNothingAborts() async {
    await #expect(processExitsWith: .success) {
      try #require(setuid(54_502) == 0)
      var none = rlimit(rlim_cur: 1, rlim_max: 1)
      try #require(setrlimit(__rlimit_resource_t(__RLIMIT_NPROC.rawValue), &none) == 0)
      let loop = try Loop()
      #expect(throws: UVError(code: -EAGAIN, operation: .startWorkers)) {
        try WorkerPool.start(on: loop)
      }
      try loop.close()
    }
  }
}
