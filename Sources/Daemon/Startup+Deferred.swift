import API
import UV

extension Startup {
  /// Says what the disk refused at the start, and has it written as soon as it can be.
  static func writeLater(
    _ state: StartupState, _ deferredWrites: DeferredWrites, on loop: Loop
  ) {
    let (configuration, key, locks) = (state.configuration, state.files.key, state.files.locks)
    if let error = key.unwritten {
      deferredWrites.add(
        .apiKey, "the new API key is not written, and nobody has it: \(error); make room for it"
      ) { then in
        PoolWork.run(on: loop, .ownFiles(directory: Files.parent(of: key.origin))) {
          key.tryToWrite()
        } then: {
          then($0)
        }
      }
    }
    let path = configuration.lockFile
    let lane = PoolLane.ownFiles(directory: configuration.dataDirectory)
    if locks.late != nil {
      deferredWrites.add(
        .lockFile,
        "'\(configuration.dataDirectory.readable)' is not locked: its file system does not answer"
      ) { then in
        guard case .failure = locks.late?.value else { return then(locks.takeLate()) }
        // It has answered by now, and could not be locked then.
        PoolWork.run(on: loop, lane) {
          Result { () throws(StartError) in
            try openDataDirectory(configuration, patience: .zero)
          }
        } then: { result in
          locks.late?.set(result)
          then(locks.takeLate())
        }
      }
    }
    if let error = locks.missing {
      deferredWrites.add(
        .lockFile, "'\(path)' cannot be made, only its directory is locked: \(error)"
      ) { then in
        PoolWork.run(on: loop, lane) {
          Locks.tryToTake(path)
        } then: {
          then(locks.take($0))
        }
      }
    }
    for lock in locks.all {
      guard let error = lock.unwritten else { continue }
      deferredWrites.add(.lockFile, "the pid is not in '\(path)': \(error)") { then in
        PoolWork.run(on: loop, lane) { () -> UVError? in
          lock.writePID(path)
          return lock.unwritten
        } then: {
          then($0)
        }
      }
    }
  }
}
