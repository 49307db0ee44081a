import UV

/// The locks that a daemon holds until its end.
final class Locks {
  var all: [LockFile]
  private var isReleased = false
  /// Why the lock file is not among them; nil if it is.
  var missing: UVError?
  /// What the data directory is still to say; nil if it has answered.
  let late: Awaited<Result<Startup.DataState, StartError>>?

  init(
    _ all: [LockFile], missing: UVError?, late: Awaited<Result<Startup.DataState, StartError>>?
  ) {
    self.all = all
    self.missing = missing
    self.late = late
  }

  /// Keeps the locks of a data directory that has answered late.
  /// - Returns: why there are none.
  func takeLate() -> UVError? {
    switch late?.value {
    case nil: return UVError(.timedOut, .lock)
    case .failure(let error):
      return error.errorNumber.map { UVError(code: -$0, operation: .lock) }
        ?? UVError(.wouldBlock, .lock)
    case .success(let state):
      all += state.locks
      if isReleased { release() }
      return nil
    }
  }

  /// Tries to make the lock file that the disk has not taken, on the pool.
  static func tryToTake(_ path: String) -> Result<LockFile, LockFile.Failure> {
    do throws(LockFile.Failure) {
      return .success(try LockFile.acquire(path))
    } catch {
      return .failure(error)
    }
  }

  /// Keeps a lock file that could be made.
  /// - Returns: why it is still missing.
  func take(_ result: Result<LockFile, LockFile.Failure>) -> UVError? {
    switch result {
    case .success(let lock):
      all.append(lock)
      missing = nil
    case .failure(.system(let error)): missing = error
    // One of 2.0.0 that was started meanwhile may hold it: the problem goes on.
    case .failure(.heldBy): break
    }
    return missing
  }

  /// Lets the locks go and keeps the files open.
  func unlock() {
    for lock in all { lock.unlock() }
  }

  func release() {
    isReleased = true
    for lock in all { lock.release() }
    all = []
  }
}
