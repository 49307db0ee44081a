import Supervision
import UV

extension Daemon {
  /// How long a predecessor may take to let go: one that was killed while it forked lives on in the child
  /// until that executes its command.
  static let lockPatience: Duration = .seconds(2)

  /// Takes all locks: of the data directory, of the file in it that 2.0.0 locked alone, and of the configuration
  /// directory. The file can be removed and made again, and then another daemon locks another file; the directory
  /// stays the same as long as the daemon has anything in it.
  static func acquireLocks(_ configuration: Configuration) throws(StartError) -> Locks {
    let directory = try acquireDirectoryLock(configuration)
    let locks = Locks()
    if let directory { locks.all.append(directory) }
    do throws(LockFile.Failure) {
      locks.all.append(try LockFile.acquire(configuration.lockFile, patience: lockPatience))
    } catch {
      switch error {
      case .heldBy(let pid): throw alreadyRuns(on: configuration, pid)
      case .system(let error):
        // Where the directory is locked, the file can wait for a disk that has room for it.
        guard directory != nil, error.isOfFullDisk else { throw unusable(error) }
        locks.missing = error
      }
    }
    // A lock is of an open file: this process cannot have that of one directory twice.
    if !isSame(configuration.dataDirectory, configuration.configDirectory) || directory == nil {
      locks.all.append(try acquireConfigurationLock(configuration))
    }
    return locks
  }

  /// Nil where the file system has no locks of directories (NFS): the file's has to do there.
  private static func acquireDirectoryLock(
    _ configuration: Configuration
  ) throws(StartError) -> LockFile? {
    do throws(LockFile.Failure) {
      return try LockFile.acquire(directory: configuration.dataDirectory, patience: lockPatience)
    } catch {
      switch error {
      case .heldBy: throw alreadyRuns(on: configuration, LockFile.holder(configuration.lockFile))
      case .system(let error):
        guard error.operation == "lock" else { throw unusable(error) }
        return nil
      }
    }
  }

  private static func isSame(_ one: String, _ other: String) -> Bool {
    // Both are there, and were made if they were not.
    guard let one = try? File.statusNow(one), let other = try? File.statusNow(other) else {
      return false
    }
    return one.isSameFile(as: other)
  }

  private static func unusable(_ error: UVError) -> StartError {
    StartError(
      "\(error); make it writable or choose another directory with --data-dir",
      errorNumber: error.number)
  }

  private static func alreadyRuns(on configuration: Configuration, _ pid: Int32?) -> StartError {
    let holder = pid.map { " (pid \($0))" } ?? ""
    return StartError(
      "another exeio\(holder) already runs on '\(configuration.dataDirectory)'; stop it, or choose another directory with --data-dir"
    )
  }

  /// Two supervisors on one `processes.json` would start everything twice and overwrite each other's file.
  private static func acquireConfigurationLock(
    _ configuration: Configuration
  ) throws(StartError) -> LockFile {
    do throws(LockFile.Failure) {
      return try LockFile.acquire(
        directory: configuration.configDirectory, patience: lockPatience)
    } catch {
      switch error {
      case .heldBy:
        throw StartError(
          "another exeio already uses '\(configuration.configDirectory)'; stop it, or choose another directory with --config-dir"
        )
      case .system(let error):
        throw StartError(
          "\(error); choose another directory with --config-dir", errorNumber: error.number)
      }
    }
  }

  /// Looks for what an earlier daemon left running. One that is alive, and whose data directory was removed and made
  /// again, has locks that nobody sees: what it has open tells of it, and the start is refused.
  static func findPredecessors(
    _ configuration: Configuration, _ definitions: [ConfiguredDefinition]
  ) throws(StartError) -> Predecessors {
    let predecessors: Predecessors
    do throws(UVError) {
      predecessors = try Predecessors(configuration, definitions)
    } catch {
      throw StartError("\(error)", errorNumber: error.number)
    }
    if let pid = predecessors.holder { throw alreadyRuns(on: configuration, pid) }
    return predecessors
  }
}

/// The locks that a daemon holds until its end.
final class Locks {
  var all: [LockFile] = []
  /// Why the lock file is not among them; nil where it is.
  var missing: UVError?

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
    for lock in all { lock.release() }
    all = []
  }
}
