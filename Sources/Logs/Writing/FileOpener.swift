import Glibc
import UV

/// Opens the files of a log, follows their name, and makes the file that is missing: each is a step
/// of the writer's queue, and of each one waits at the most.
final class FileOpener {
  private let writer: LogWriter
  private let files: LogFiles
  /// Whether a step waits that opens the log, or follows its name, or makes the file that is
  /// missing.
  private var isOpeningQueued = false
  private var isReopenQueued = false
  private var isMissingFileQueued = false
  private var waiters: [(UVError?) -> Void] = []

  init(_ writer: LogWriter, _ files: LogFiles) {
    self.writer = writer
    self.files = files
  }

  /// Opens the log, or makes a new one.
  func open() {
    guard !isOpeningQueued else { return }
    isOpeningQueued = true
    writer.enqueue { [self] done in
      let end = { [self] (error: UVError?) in
        isOpeningQueued = false
        let waiting = waiters
        waiters = []
        for then in waiting { then(error) }
        done()
      }
      guard !writer.isClosed else {
        return end(UVError(code: -EBADF, operation: .open, subject: files.path))
      }
      guard !files.isOpen else { return end(nil) }
      files.open { error in end(error?.isOfFullDisk == true ? nil : error) }
    }
  }

  /// Calls `then` once the log can be written to; see ``Log/whenOpen(then:)``.
  func whenOpen(then: @escaping (UVError?) -> Void) {
    guard !files.isOpen || writer.isClosed else { return then(nil) }
    waiters.append(then)
    open()
  }

  /// Goes on in the file that the path names.
  func reopen() {
    // One that waits follows the name when its turn comes.
    guard !isReopenQueued else { return }
    isReopenQueued = true
    writer.enqueue { [self] done in
      isReopenQueued = false
      guard !writer.isClosed else { return done() }
      files.followName(then: done)
    }
  }

  /// Tries to make the file that the disk has not taken yet.
  func makeMissingFile() {
    guard !isMissingFileQueued else { return }
    isMissingFileQueued = true
    writer.enqueue { [self] done in
      isMissingFileQueued = false
      guard !writer.isClosed, files.openingError != nil else { return done() }
      files.replaceLiveFile { [self] error in
        if let error { files.tell(error) }
        done()
      }
    }
  }
}
