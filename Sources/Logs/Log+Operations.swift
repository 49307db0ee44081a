import Glibc
package import UV

extension Log {
  /// Removes every line that was given so far: empties the live file, removes the rotated ones.
  ///
  /// - Parameter then: gets the first error; what could be removed is gone all the same. It gets
  ///   `ETIMEDOUT` where the file system does not answer: what has not been begun then is not done.
  package func clear(then: @escaping (UVError?) -> Void) {
    answer("clear", to: then) { isAwaited, then in
      writer.enqueue { [self] done in
        guard !writer.isClosed else {
          then(UVError(code: -EBADF, operation: "clear", subject: path))
          return done()
        }
        // Where the client was told that the file system does not answer, what came since then is
        // kept.
        guard isAwaited() else { return done() }
        writer.endLoss()
        files.clear { error in
          then(error)
          done()
        }
      }
    }
  }

  /// Writes what was given, and closes the files. Lines that come later are dropped and counted.
  ///
  /// - Parameter then: gets `ETIMEDOUT` where the file system does not answer: the rest is written
  ///   as soon as it does.
  package func close(then: @escaping (UVError?) -> Void) {
    answer("close", to: then, isWanted: true) { _, then in
      writer.enqueue { [self] done in
        writer.shutDown { [self] in
          files.leavePath()
          then(nil)
          done()
        }
      }
    }
  }

  /// Closes the log and removes its files, the rotated ones included.
  ///
  /// - Parameter then: gets the first error; what could be removed is gone all the same. It gets
  ///   `ETIMEDOUT` where the file system does not answer: the files are removed as soon as it does.
  package func delete(then: @escaping (UVError?) -> Void) {
    answer("delete", to: then, isWanted: true) { _, then in
      writer.enqueue { [self] done in
        writer.shutDown { [self] in
          files.remove { error in
            then(error)
            done()
          }
        }
      }
    }
  }

  /// Removes the files of a log that is not open; those of one that is are left alone.
  ///
  /// - Parameter then: gets the first error; what could be removed is gone all the same.
  package static func deleteFiles(
    _ path: String, context: LogContext, then: @escaping (UVError?) -> Void
  ) {
    guard !context.hasOwner(path) else { return then(nil) }
    let (folder, name) = LogDirectory.parts(of: path)
    let files = RotatedFiles(baseName: name, kept: 0, live: .none, listed: nil)
    context.directory(folder).run(.writing, makes: false) { directory throws(UVError) in
      files.removeAllAndLiveFile(in: directory)
    } then: { result in
      then(RotatedFiles.removalError(result))
    }
  }

  /// Begins what a client waits for, and answers it once: with what came of it, or with an error as
  /// soon as the file system has not answered for ``LogStall/limit``.
  ///
  /// - Parameters:
  ///   - isWanted: whether it is begun also where the file system is known not to answer.
  ///   - begin: gets what tells whether the answer is still to be given, and what it is to call at
  ///     its end.
  private func answer(
    _ operation: UVError.Operation, to then: @escaping (UVError?) -> Void, isWanted: Bool = false,
    _ begin: (_ isAwaited: @escaping () -> Bool, _ end: @escaping (UVError?) -> Void) -> Void
  ) {
    if writer.isStalled {
      if isWanted { begin({ false }, { _ in }) }
      return then(LogStall.error(operation, path))
    }
    var answer: ((UVError?) -> Void)? = then
    var id = 0
    let end = { [context] (error: UVError?) in
      guard let then = answer else { return }
      answer = nil
      context.stalls.remove(id)
      then(error)
    }
    id = context.stalls.add { [self] in
      guard writer.isStalled else { return }
      end(LogStall.error(operation, path))
    }
    begin({ answer != nil }, end)
  }
}
