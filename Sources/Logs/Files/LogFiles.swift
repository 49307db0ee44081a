import UV

/// The files of one log: the live file, the rotated ones, and what is known of their lines.
///
/// All that takes time here is a step of the writer's queue, so that one thing at a time is done to
/// the files: a rotation never meets a write.
///
/// What changes is private to its parts: the live file, what is known of the rotated ones, when a
/// rotation is due.
final class LogFiles {
  let context: LogContext
  let directory: LogDirectory
  let live: LiveFile
  var rotated = RotatedSegments()
  var rule = RotationRule()
  /// Of the lines; nil if they have no numbers, since none of them has been shown.
  var numbering: LogNumbering?
  /// What those get who follow the log.
  let tail = LogTail()
  /// The number of the newest line that a client has cleared; 0 if none has.
  var clearedNumber = 0
  /// Whether ``onTrouble`` was last told of an error.
  private var isInTrouble = false

  /// How large the log may get; a change holds from the next write on.
  var limits: LogLimits {
    didSet { rotated.forgetListing() }
  }

  /// Why there is no file: the disk took none when the log was opened, or what has the name is no
  /// log.
  private(set) var openingError: UVError?

  /// Called with the error when the files cannot be rotated or reopened, and with nil when that
  /// works again.
  var onTrouble: ((UVError?) -> Void)?

  /// Called with what is to be said in the log about its files, ahead of what waits.
  var onReport: ((String) -> Void)?

  /// Takes over the files of a path, which is not opened yet.
  init(_ path: String, _ limits: LogLimits, _ context: LogContext) {
    self.context = context
    self.limits = limits
    directory = LogDirectory(path, context)
    live = LiveFile(directory)
    context.take(path, for: ObjectIdentifier(self))
  }

  /// Of the live file.
  var path: String { directory.path }

  /// Whether there is a live file, or was one when the log was closed.
  var isOpen: Bool { live.open != nil }

  /// How many bytes have been written into the files, since the log was opened.
  var writtenBytes: Int { live.writtenBytes }

  /// When the file system last answered the writer, on the loop's clock.
  var answeredAt: Duration { directory.answeredAt }

  /// What is known of the live file.
  var liveSegment: Segment { live.segment }

  /// What is known of all files, the oldest one first.
  var segments: [Segment] { rotated.segments.reversed() + [live.segment] }

  /// What is known of a file that has no index of all its lines, and of which none is being made:
  /// of the newest such file.
  var unindexed: Segment? {
    ([live.segment] + rotated.segments).first { $0.unscanned > 0 && $0.scan == nil }
  }

  /// How the rotated files are looked for.
  var surveyPlan: RotatedFiles {
    RotatedFiles(
      baseName: directory.baseName, kept: max(0, limits.maxFiles), live: live.segment.identity,
      listed: rotated.listed)
  }

  /// Tells of an error, or that it is over.
  func tell(_ error: UVError?) {
    guard error != nil || isInTrouble else { return }
    isInTrouble = error != nil
    onTrouble?(error)
  }

  /// Says in the log what went wrong with its files, and tells of it.
  func report(_ what: String, _ error: UVError) {
    onReport?("The log could not be \(what): \(error)")
    tell(error)
  }

  /// Goes on in a file that a thread of the pool has opened.
  func adopt(_ opened: OpenedLogFile) {
    let first: Int?
    var counted = LineCount()
    if numbering != nil {
      first = live.segment.next
    } else if let found = opened.numbers {
      numbering = LogNumbering(directory.baseName, found)
      (first, counted) = (found.first, found.counted)
    } else {
      first = nil
    }
    live.adopt(opened, first: first, counted: counted)
    openingError = nil
    tell(nil)
  }

  /// Opens or makes the live file. The path of the directory is followed again first.
  func open(then: @escaping (UVError?) -> Void) {
    directory.run(refreshes: true) { [name = directory.baseName] directory throws(UVError) in
      try OpenedLogFile.open(name, in: directory).findingNumbers(in: directory, of: name)
    } then: { [self] result in
      switch result {
      case .success(let opened):
        adopt(opened)
        then(nil)
      case .failure(let error):
        openingError = error
        tell(error)
        then(error)
      }
    }
  }

  /// Goes on in a new file, since the one that was written to has been removed, or there is none
  /// yet; a directory that was removed with it is made again.
  ///
  /// It gets the owner, group and mode of the one that was removed, as far as this user may give
  /// them.
  func replaceLiveFile(then: @escaping (UVError?) -> Void) {
    rotated.forgetListing()
    let old = live.open?.file.opened
    let numbers = ownNumbering?.write(before: live.segment)
    directory.run(refreshes: true) {
      [name = directory.baseName] directory throws(UVError) -> (OpenedLogFile, areWritten: Bool?) in
      // Without it, the new file has the mode that new ones have.
      let status = old.flatMap { try? $0.status() }
      let areWritten = numbers?.perform(like: status, in: directory).isThere
      let opened = try OpenedLogFile.open(name, in: directory, like: status)
      return (
        areWritten == nil ? opened.findingNumbers(in: directory, of: name) : opened, areWritten
      )
    } then: { [self] result in
      switch result {
      case .success((let opened, let areWritten)):
        adopt(opened)
        if let areWritten { numbering?.wasWritten(areWritten) }
        rule.forgetRefusal()
        then(nil)
      case .failure(let error):
        numbering?.outdate()
        if !isOpen { openingError = error }
        then(error)
      }
    }
  }

  /// Goes on in the file that the path names, if that is another one by now; a new one is made if
  /// there is none. If that fails, the log goes on in the old one.
  func followName(then: @escaping () -> Void) {
    rotated.forgetListing()
    let identity = live.segment.identity
    let numbers = ownNumbering?.write(before: live.segment, live.open?.file.opened)
    directory.run(refreshes: true) { [name = directory.baseName] directory throws(UVError) in
      try FollowedLogFile(name, from: identity, writing: numbers, in: directory)
    } then: { [self] result in
      switch result {
      case .success(nil):
        // A failure to rotate has not been mended by that.
        if rule.refusedAt == nil { tell(nil) }
      case .success(let followed?):
        // What is known of the old file stays known if it is a rotated one now.
        if isOpen { rotated.add(formerLive: live.segment) }
        adopt(followed.opened)
        if let numbers = followed.numbers { numbering?.liveFileWasReplaced(numbers) }
        rule.forgetRefusal()
      case .failure(let error):
        numbering?.outdate()
        report("reopened", error)
      }
      then()
    }
  }
}
