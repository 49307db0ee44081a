import Glibc
package import UV

extension Log {
  /// Goes on in the file that the path names, after it was renamed or removed from outside
  /// (logrotate); a new one is made where there is none, and the directory as well. What was given before goes
  /// into the old one. When that fails, the log says so and goes on in the old one.
  package func reopen() {
    enqueue { [self] done in
      guard !isClosed else { return done() }
      areNumbersKnown = false
      directory.refresh { [self] error in
        if let error {
          reportReopen(error)
          return done()
        }
        followName(then: done)
      }
    }
  }

  /// Tries to make the file that the disk has not taken yet.
  package func openMissingFile() {
    enqueue { [self] done in
      guard !isClosed, openingError != nil else { return done() }
      replaceLiveFile { [self] error in
        if let error { tell(error) }
        done()
      }
    }
  }

  private func followName(then done: @escaping () -> Void) {
    do throws(UVError) {
      if case .file(let identity, _) = try FileIdentity.look(at: baseName, in: directory),
        identity == live.identity
      {
        return done()
      }
    } catch {
      reportReopen(error)
      return done()
    }
    // What is known of the old file stays known if it is a rotated one now.
    let old = live
    openLiveFile { [self] error in
      if let error {
        reportReopen(error)
      } else {
        rotated.append(old)
        rotationRefusedAt = nil
        tell(nil)
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
  /// - Parameter then: gets the first error; what could be removed is gone all the same.
  package func clear(then: @escaping (UVError?) -> Void) {
    enqueue { [self] done in
      guard !isClosed else {
        then(UVError(code: -EBADF, operation: "clear", subject: path))
        return done()
      }
      endLoss()
      rotationRefusedAt = nil
      truncateLiveFile { [self] truncation in
        removeRotatedFiles { removal in
          then(truncation ?? removal)
          done()
        }
      }
    }
  }

  /// Writes what was given, and closes the files. Lines that come later are dropped and counted.
  package func close(then: @escaping () -> Void) {
    enqueue { [self] done in
      shutDown {
        then()
        done()
      }
    }
  }

  /// Closes the log and removes its files, the rotated ones included.
  ///
  /// - Parameter then: gets the first error; what could be removed is gone all the same.
  package func delete(then: @escaping (UVError?) -> Void) {
    enqueue { [self] done in
      shutDown { [self] in
        directory.unlink(baseName) { [self] error in
          let failure = error?.code == -ENOENT ? nil : error
          removeRotatedFiles { removal in
            then(failure ?? removal)
            done()
          }
        }
      }
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
      // The writes have told what they had to tell; closing adds nothing that can be mended.
      file.release { _ in then() }
    }
    if lost > 0 { prepare { _ in close() } } else { close() }
  }
}
