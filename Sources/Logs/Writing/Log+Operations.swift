import Glibc
package import UV

extension Log {
  /// Goes on in the file that the path names, after it was renamed or removed from outside
  /// (logrotate); a new one is made where there is none, and the directory as well. What was given before goes
  /// into the old one. When that fails, the log says so and goes on in the old one.
  package func reopen() {
    // One that waits follows the name when its turn comes.
    guard !isReopenQueued else { return }
    isReopenQueued = true
    enqueue { [self] done in
      isReopenQueued = false
      guard !isClosed else { return done() }
      areNumbersKnown = false
      followName(then: done)
    }
  }

  /// Tries to make the file that the disk has not taken yet.
  package func openMissingFile() {
    guard !isMissingFileQueued else { return }
    isMissingFileQueued = true
    enqueue { [self] done in
      isMissingFileQueued = false
      guard !isClosed, openingError != nil else { return done() }
      replaceLiveFile { [self] error in
        if let error { tell(error) }
        done()
      }
    }
  }

  private func followName(then done: @escaping () -> Void) {
    let identity = live.identity
    onPool(refreshes: true) { [baseName] directory throws(UVError) -> Opened? in
      if case .file(identity, _) = try FileIdentity.look(at: baseName, in: directory) { return nil }
      return try Log.open(baseName, in: directory)
    } then: { [self] result in
      switch result {
      case .success(nil):
        // A failure to rotate has not been mended by that.
        if rotationRefusedAt == nil { tell(nil) }
      case .success(let opened?):
        // What is known of the old file stays known if it is a rotated one now.
        if file != nil { rotated.append(live) }
        adopt(opened)
        rotationRefusedAt = nil
      case .failure(let error): reportReopen(error)
      }
      done()
    }
  }

  private func reportReopen(_ error: UVError) {
    report("The log could not be reopened: \(error)")
    tell(error)
  }

  /// Removes every line that was given so far: empties the live file, removes the rotated ones.
  ///
  /// - Parameter then: gets the first error; what could be removed is gone all the same. It gets `ETIMEDOUT` where the file
  ///   system does not answer: what has not been begun then is not done.
  package func clear(then: @escaping (UVError?) -> Void) {
    answer("clear", to: then) { isAwaited, then in
      enqueue { [self] done in
        guard !isClosed else {
          then(UVError(code: -EBADF, operation: "clear", subject: path))
          return done()
        }
        // Where the client was told that the file system does not answer, what came since then is kept.
        guard isAwaited() else { return done() }
        endLoss()
        rotationRefusedAt = nil
        emptyFiles { error in
          then(error)
          done()
        }
      }
    }
  }

  private func emptyFiles(then: @escaping (UVError?) -> Void) {
    let file = self.file?.file.opened
    let rotatedFiles = surveyPlan
    onPool(makes: false) { directory throws(UVError) in
      var truncation: UVError?
      do throws(UVError) {
        try file?.truncate(to: 0)
      } catch {
        truncation = error
      }
      return (truncation, rotatedFiles.removeAll(in: directory))
    } then: { [self] result in
      forgetRotatedFiles()
      switch result {
      case .success((let truncation, let removal)):
        if truncation == nil { liveFileWasEmptied() }
        then(truncation ?? removal)
      case .failure(let error): then(error.code == .noSuchFileOrDirectory ? nil : error)
      }
    }
  }

  /// Writes what was given, and closes the files. Lines that come later are dropped and counted.
  ///
  /// - Parameter then: gets `ETIMEDOUT` where the file system does not answer: the rest is written as soon as it does.
  package func close(then: @escaping (UVError?) -> Void) {
    answer("close", to: then, isWanted: true) { _, then in
      enqueue { [self] done in
        shutDown { [self] in
          context.leave(self)
          then(nil)
          done()
        }
      }
    }
  }

  /// Closes the log and removes its files, the rotated ones included.
  ///
  /// - Parameter then: gets the first error; what could be removed is gone all the same. It gets `ETIMEDOUT` where the file
  ///   system does not answer: the files are removed as soon as it does.
  package func delete(then: @escaping (UVError?) -> Void) {
    answer("delete", to: then, isWanted: true) { _, then in
      enqueue { [self] done in
        shutDown { [self] in
          removeFiles { error in
            then(error)
            done()
          }
        }
      }
    }
  }

  private func removeFiles(then: @escaping (UVError?) -> Void) {
    // A log that was made for the same path meanwhile has taken the files over.
    guard context.isOwner(self) else { return then(nil) }
    let rotatedFiles = surveyPlan
    onPool(makes: false) { directory throws(UVError) in
      rotatedFiles.removeAllAndLiveFile(in: directory)
    } then: { [self] result in
      forgetRotatedFiles()
      context.leave(self)
      then(Log.removalError(result))
    }
  }

  private static func removalError(_ result: Result<UVError?, UVError>) -> UVError? {
    switch result {
    case .success(let failure): failure
    // Without a directory there are no files.
    case .failure(let error): error.code == .noSuchFileOrDirectory ? nil : error
    }
  }

  /// Removes the files of a log that is not open; those of one that is are left alone.
  ///
  /// - Parameter then: gets the first error; what could be removed is gone all the same.
  package static func deleteFiles(
    _ path: String, context: LogContext, then: @escaping (UVError?) -> Void
  ) {
    guard !context.hasOwner(path) else { return then(nil) }
    let (folder, name) = parts(of: path)
    let files = RotatedFiles(baseName: name, kept: 0, live: .none, listed: nil)
    context.directory(folder).run(.writing, makes: false) { directory throws(UVError) in
      files.removeAllAndLiveFile(in: directory)
    } then: { result in
      then(removalError(result))
    }
  }

  /// Says for the last time what was lost, and closes.
  private func shutDown(then: @escaping () -> Void) {
    guard !isClosed else { return then() }
    let close = { [self] in
      isClosed = true
      endLoss()
      context.batches.leave(self)
      context.retries.leave(self)
      guard let file else { return then() }
      // The writes have told what they had to tell; closing adds nothing that can be mended.
      file.release { [self] _ in
        progressAt = context.loop.now
        then()
      }
    }
    if lost > 0 { prepare { _ in close() } } else { close() }
  }
}
