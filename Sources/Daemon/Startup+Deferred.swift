import API
import UV

extension Startup {
  /// Says what the disk refused at the start, and has it written as soon as it can be.
  static func writeLater(
    _ state: StartupState, _ deferredWrites: DeferredWrites, on loop: Loop
  ) {
    writeKeyLater(state.files.key, deferredWrites, on: loop)
    lockDirectoryLater(state, deferredWrites, on: loop)
    makeLockFileLater(state, deferredWrites, on: loop)
    writePIDLater(state, deferredWrites, on: loop)
  }

  private static func writeKeyLater(
    _ key: ResolvedKey, _ deferredWrites: DeferredWrites, on loop: Loop
  ) {
    guard let error = key.unwritten else { return }
    deferredWrites.add(
      .apiKey,
      "the new API key is not written, and no client can know it: \(error); make room for it"
    ) { then in
      PoolWork.run(on: loop, .ownFiles(directory: Files.parent(of: key.origin))) {
        key.tryToWrite()
      } then: {
        then($0)
      }
    }
  }

  private static func lockDirectoryLater(
    _ state: StartupState, _ deferredWrites: DeferredWrites, on loop: Loop
  ) {
    let (configuration, locks) = (state.configuration, state.files.locks)
    guard locks.late != nil else { return }
    deferredWrites.add(
      .lockFile,
      "'\(configuration.dataDirectory.readable)' is not locked: its file system does not answer"
    ) { then in
      guard case .failure = locks.late?.value else { return then(locks.takeLate()) }
      // It has answered by now, and could not be locked then.
      PoolWork.run(on: loop, lane(of: configuration)) {
        Result { () throws(StartError) in
          try openDataDirectory(configuration, patience: .zero)
        }
      } then: { result in
        locks.late?.set(result)
        then(locks.takeLate())
      }
    }
  }

  private static func makeLockFileLater(
    _ state: StartupState, _ deferredWrites: DeferredWrites, on loop: Loop
  ) {
    let (path, locks) = (state.configuration.lockFile, state.files.locks)
    guard let error = locks.missing else { return }
    deferredWrites.add(
      .lockFile, "'\(path)' cannot be made, only its directory is locked: \(error)"
    ) { then in
      PoolWork.run(on: loop, lane(of: state.configuration)) {
        Locks.tryToTake(path)
      } then: {
        then(locks.take($0))
      }
    }
  }

  private static func writePIDLater(
    _ state: StartupState, _ deferredWrites: DeferredWrites, on loop: Loop
  ) {
    let path = state.configuration.lockFile
    for lock in state.files.locks.all {
      guard let error = lock.unwritten else { continue }
      deferredWrites.add(.lockFile, "the pid is not in '\(path)': \(error)") { then in
        PoolWork.run(on: loop, lane(of: state.configuration)) { () -> UVError? in
          lock.writePID(path)
          return lock.unwritten
        } then: {
          then($0)
        }
      }
    }
  }

  private static func lane(of configuration: Configuration) -> PoolLane {
    .ownFiles(directory: configuration.dataDirectory)
  }
}
