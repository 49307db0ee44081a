import Supervision
import UV

extension Startup {
  /// How long a predecessor may take to let go: one that was killed while it forked lives on in the
  /// child until that executes its command.
  static let lockPatience: Duration = .seconds(2)

  /// What a start has found of the data directory, and holds there.
  struct DataState: Sendable {
    var locks: [LockFile] = []
    /// Why the lock file is not among them; nil if it is.
    var missing: UVError?
    /// Whether the directory itself is locked.
    var hasDirectory = false
    var status: FileStatus?
    var place: DataPlace
    /// The run state of an earlier daemon, and why it could not be used.
    var runState: (bytes: [UInt8], warning: String?) = ([], nil)
  }

  /// Takes the locks of the data directory and of the file in it that 2.0.0 locked alone, and reads
  /// what an earlier daemon has left there; on the pool. The file can be removed and made again,
  /// and then another daemon locks another file; the directory stays the same as long as the daemon
  /// has anything in it.
  ///
  /// - Parameter patience: how long a lock that is held is waited for.
  static func openDataDirectory(
    _ configuration: Configuration, patience: Duration = lockPatience
  ) throws(StartError) -> DataState {
    try makeDirectory(configuration.dataDirectory, .dataDirectory)
    let directory = try acquireDirectoryLock(configuration, patience)
    var locks = directory.map { [$0] } ?? []
    var missing: UVError?
    do throws(LockFile.Failure) {
      locks.append(try LockFile.acquire(configuration.lockFile, patience: patience))
    } catch {
      switch error {
      case .heldBy(let pid): throw alreadyRuns(on: configuration, pid)
      case .system(let error):
        // Where the directory is locked, the file can wait for a disk that has room for it.
        guard directory != nil, error.isOfFullDisk else { throw unusable(error) }
        missing = error
      }
    }
    do throws(UVError) {
      return DataState(
        locks: locks, missing: missing, hasDirectory: directory != nil,
        status: try Files.status(of: configuration.dataDirectory),
        place: try DataPlace(configuration),
        runState: try readRunState(configuration.runStateFile))
    } catch {
      throw StartError("\(error)", errorNumber: error.number)
    }
  }

  /// Takes the lock of the configuration directory. A lock is of an open file: this process cannot
  /// have that of one directory twice.
  static func lockConfiguration(
    _ configuration: Configuration, beside data: DataState?
  ) throws(StartError) -> LockFile? {
    if let data, data.hasDirectory, let status = data.status,
      // Where it cannot be told, the lock says why.
      let own = try? Files.status(of: configuration.configDirectory), own.isSameFile(as: status)
    {
      return nil
    }
    return try acquireConfigurationLock(configuration)
  }

  /// Nil where the file system has no locks of directories (NFS): the file's has to do there.
  private static func acquireDirectoryLock(
    _ configuration: Configuration, _ patience: Duration
  ) throws(StartError) -> LockFile? {
    do throws(LockFile.Failure) {
      return try LockFile.acquire(directory: configuration.dataDirectory, patience: patience)
    } catch {
      switch error {
      case .heldBy: throw alreadyRuns(on: configuration, LockFile.holder(configuration.lockFile))
      case .system(let error):
        guard error.operation == .lock else { throw unusable(error) }
        return nil
      }
    }
  }

  private static func unusable(_ error: UVError) -> StartError {
    StartError(
      "\(error); make it writable or choose another directory with --data-dir",
      errorNumber: error.number)
  }

  private static func alreadyRuns(on configuration: Configuration, _ pid: Int32?) -> StartError {
    if let pid, LingeringProcess.isLingering(pid) {
      return StartError(
        "exeio (pid \(pid)) was killed, and hangs in the kernel with a file system that does not answer; until that answers it keeps '\(configuration.dataDirectory)': choose another directory with --data-dir"
      )
    }
    let holder = pid.map { " (pid \($0))" } ?? ""
    return StartError(
      "another exeio\(holder) already runs on '\(configuration.dataDirectory)'; stop it, or choose another directory with --data-dir"
    )
  }

  /// Two supervisors on one `processes.json` would start everything twice and overwrite each
  /// other's file.
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

  /// Looks for what an earlier daemon left running. One that is alive, and whose data directory was
  /// removed and made again, has locks that no other process sees: what it has open tells of it,
  /// and the start is refused.
  static func findPredecessors(
    _ configuration: Configuration, _ place: DataPlace, _ definitions: [ConfiguredDefinition],
    _ wait: StartWait
  ) throws(StartError) -> Predecessors {
    let predecessors: Predecessors
    do throws(UVError) {
      let sight = try Predecessors.look(wait, .system)
      // A lane where a thread is free: those of the processes may be held by some that hang.
      predecessors = try waited(
        wait.run("the processes of an earlier supervisor", .ownFiles(directory: "/proc")) {
          Result { () throws(UVError) in try Predecessors(sight, place, definitions) }
        })
    } catch {
      throw StartError("\(error)", errorNumber: error.number)
    }
    if let pid = predecessors.holder { throw alreadyRuns(on: configuration, pid) }
    return predecessors
  }

  /// The bytes of the run state, where there is one. What is no regular file was not put there by a
  /// daemon: it is neither followed nor waited for, but moved aside. The runs are found by their
  /// marks then. A file that cannot be read refuses the start: it may name runs of 2.0.0, whose
  /// marks do not say whose they are.
  static func readRunState(
    _ path: String
  ) throws(UVError) -> (bytes: [UInt8], warning: String?) {
    guard let status = try Files.statusOfName(path) else { return ([], nil) }
    if status.isRegular, status.size <= runStateLimit {
      return (try Files.readRegularItself(path, limit: runStateLimit).bytes, nil)
    }
    let what = status.isRegular ? "has \(status.size) bytes" : "is \(status.kind)"
    let other = try Files.moveAside(path)
    return (
      [],
      "The run state '\(path)' \(what): moved to '\(other)'; what an earlier supervisor left running is found by its marks"
    )
  }

  /// A thousand processes take some 200 kB.
  private static let runStateLimit = 64 << 20
}
