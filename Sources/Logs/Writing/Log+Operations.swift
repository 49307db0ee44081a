import Glibc
package import UV

extension Log {
  /// Goes on in the file that the path names, after it was renamed or removed from outside
  /// (logrotate); a new one is made where there is none. What was given before goes into the old
  /// one. When that fails, the log says so and goes on in the old one.
  package func reopen() {
    enqueue { [self] done in
      guard !isClosed else { return done() }
      do throws(UVError) {
        if case .file(let identity, _) = try FileIdentity.look(at: path),
          identity == live.identity
        {
          return done()
        }
      } catch {
        report("The log could not be reopened: \(error)")
        return done()
      }
      // What is known of the old file stays known if it is a rotated one now.
      let old = live
      openLiveFile { [self] error in
        if let error {
          report("The log could not be reopened: \(error)")
        } else {
          rotated.append(old)
          rotationRefusedAt = nil
        }
        done()
      }
    }
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
      lost = 0
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
        File.unlink(path, on: context.loop) { [self] error in
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
      context.batches.leave(self)
      context.retries.leave(self)
      // The writes have told what they had to tell; closing adds nothing that can be mended.
      file.release { _ in then() }
    }
    if lost > 0 { prepare { _ in close() } } else { close() }
  }

  private func removeRotatedFiles(then: @escaping (UVError?) -> Void) {
    do throws(UVError) {
      try lookAtRotatedFiles()
    } catch {
      return then(error)
    }
    let last = rotated.last?.number ?? 0
    for segment in rotated { segment.reset(toSize: 0) }
    removeFiles(from: last, to: 1, then: then)
  }
}
