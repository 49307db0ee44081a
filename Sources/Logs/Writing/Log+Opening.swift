import Glibc
package import UV

extension Log {
  /// Read as well as write: pages are read by the same descriptor, so that they need no name.
  static let access: File.Access = [.read, .append, .create]

  /// What a thread of the pool has opened to be the live file.
  struct Opened: Sendable {
    let file: OpenedFile
    let status: FileStatus
  }

  /// Calls `then` with nil once the log can be written to: at once where it is open. Else it gets why the log is refused;
  /// what has the name may be no regular file, for instance. Each call tries again. A disk that takes no file now is no
  /// reason to refuse it, see ``openingError``. A file system that does not answer is waited for without an end.
  package func whenOpen(then: @escaping (UVError?) -> Void) {
    guard file == nil || isClosed else { return then(nil) }
    openWaiters.append(then)
    enqueueOpening()
  }

  func enqueueOpening() {
    guard !isOpeningQueued else { return }
    isOpeningQueued = true
    enqueue { [self] done in
      let end = { [self] (error: UVError?) in
        isOpeningQueued = false
        let waiters = openWaiters
        openWaiters = []
        for then in waiters { then(error) }
        done()
      }
      guard !isClosed else { return end(UVError(code: -EBADF, operation: "open", subject: path)) }
      guard file == nil else { return end(nil) }
      openLiveFile(refreshes: true) { [self] error in
        if let error { noFile(because: error) }
        end(error?.isOfFullDisk == true ? nil : error)
      }
    }
  }

  /// Notes why there is no file.
  func noFile(because error: UVError) {
    openingError = error
    tell(error)
  }

  /// Does something in the directory on a thread of the pool, and notes that the file system has answered. The writer
  /// waits for it, so it does not compete with those that read pages.
  func onPool<Value: Sendable>(
    refreshes: Bool = false, makes: Bool = true,
    _ body: @escaping @Sendable (HeldDirectory) throws(UVError) -> Value,
    then: @escaping (Result<Value, UVError>) -> Void
  ) {
    directory.run(.writing, refreshes: refreshes, makes: makes, body) { [self] result in
      progressAt = context.loop.now
      then(result)
    }
  }

  /// Refuses what stands in the place of a log and is no regular file. A link is refused too: it
  /// would let whoever may write to the directory have any file of ours written to.
  private static func refuseAllButFiles(
    _ name: String, in directory: HeldDirectory
  ) throws(UVError) {
    switch try FileIdentity.look(at: name, in: directory) {
    case .missing, .file: return
    case .other(let reason):
      throw UVError(
        code: reason, operation: "use as a log, which must be a regular file,",
        subject: directory.path(of: name))
    }
  }

  /// Opens or makes a live file, on a thread of the pool.
  ///
  /// - Parameter old: whose owner, group and mode a new one gets, as far as this user may give them.
  static func open(
    _ name: String, in directory: HeldDirectory, like old: FileStatus? = nil
  ) throws(UVError) -> Opened {
    try refuseAllButFiles(name, in: directory)
    let file = try directory.open(name, access)
    do throws(UVError) {
      let status = try file.status()
      guard status.isRegular else {
        throw UVError(
          code: -EINVAL, operation: "use as a log, which must be a regular file,",
          subject: file.path)
      }
      // Between the look at the name and its opening, another user may have put a link there.
      try directory.refuseForeignLink(name, status)
      if let old, status.size == 0 { file.take(ownerAndModeOf: old) }
      return Opened(file: file, status: status)
    } catch {
      file.close()
      throw error
    }
  }

  /// Goes on in a file that a thread of the pool has opened.
  func adopt(_ opened: Opened) {
    file?.release()
    let identity = FileIdentity(opened.status)
    file = OpenFile(
      File(
        opened.file, on: context.loop, directory.lane(.writing), reading: directory.lane(.reading)),
      identity)
    live = Segment(identity, unscanned: Int(opened.status.size))
    mayEndTorn = true
    openingError = nil
    tell(nil)
  }

  /// Opens or makes the live file.
  ///
  /// - Parameter refreshes: whether the path of the directory is followed again first.
  func openLiveFile(refreshes: Bool, then: @escaping (UVError?) -> Void) {
    onPool(refreshes: refreshes) { [baseName] directory throws(UVError) in
      try Log.open(baseName, in: directory)
    } then: { [self] result in
      switch result {
      case .success(let opened):
        adopt(opened)
        then(nil)
      case .failure(let error): then(error)
      }
    }
  }

  /// Goes on in a new file, since the one that was written to has been removed, or there is none yet; a directory that was
  /// removed with it is made again.
  ///
  /// It gets the owner, group and mode of the one that was removed, as far as this user may give them.
  func replaceLiveFile(then: @escaping (UVError?) -> Void) {
    areNumbersKnown = false
    let old = file?.file.opened
    onPool(refreshes: true) { [baseName] directory throws(UVError) in
      // Without it, the new file has the mode that new ones have.
      try Log.open(baseName, in: directory, like: old.flatMap { try? $0.status() })
    } then: { [self] result in
      switch result {
      case .success(let opened):
        adopt(opened)
        rotationRefusedAt = nil
        then(nil)
      case .failure(let error):
        if file == nil { openingError = error }
        then(error)
      }
    }
  }
}
