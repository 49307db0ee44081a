import CLibUV
import CLinux
import Glibc
import Synchronization

/// An exclusive lock on a file (`flock`). The kernel drops it when the process dies, however it
/// dies; the file itself is never removed, since another process may just be locking it. That of a
/// process that was killed and hangs in the kernel is taken from it (``LingeringProcess``).
package final class LockFile: Sendable {
  /// Why a lock could not be had.
  package enum Failure: Error, Equatable {
    /// Another process has it: that pid, when it could be read.
    case heldBy(pid: Int32?)
    /// The file could not be opened, locked or written.
    case system(UVError)
  }

  /// -1 once it was let go.
  private let descriptor: Atomic<Int32>
  /// Why the pid of this process is not in the file; nil if it is, or has no business there. The
  /// lock holds all the same.
  package var unwritten: UVError? { writeFailure.withLock { $0 } }
  private let writeFailure = Mutex<UVError?>(nil)

  private init(_ descriptor: Int32) {
    self.descriptor = Atomic(descriptor)
  }

  deinit {
    release()
  }

  /// Takes the lock and writes the pid of this process into the file.
  ///
  /// - Parameter patience: how long a lock that is held is waited for. A process that was killed
  ///   while it forked leaves a child that holds a copy of the lock until it executes its command.
  package static func acquire(
    _ path: String, patience: Duration = .zero
  ) throws(LockFile.Failure) -> LockFile {
    do throws(UVError) {
      // Another user of the directory may have put a link there, for root to write through.
      let descriptor = try UVError.system(.open, path) {
        open(
          path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, mode_t(0o640))
      }
      let lock = LockFile(descriptor)
      try refuseAllButFiles(descriptor, path)
      try take(descriptor, path, patience)
      lock.writePID(path)
      return lock
    } catch {
      guard error.operation == .lock, error.code == .wouldBlock else { throw .system(error) }
      throw .heldBy(pid: holder(path))
    }
  }

  private static func refuseAllButFiles(_ descriptor: Int32, _ path: String) throws(UVError) {
    var status = stat()
    try UVError.system("look at", path) { fstat(descriptor, &status) }
    let kind = status.st_mode & S_IFMT
    // A device is root's to make.
    guard kind == S_IFIFO || kind == S_IFREG && status.st_nlink > 1 else { return }
    var error = UVError(code: -EINVAL, operation: "use as the lock file", subject: path)
    error.detail =
      kind == S_IFIFO ? "it is a FIFO" : "it has another name, and would be overwritten"
    throw error
  }

  /// Writes the pid of this process into the file, which only messages of others need: a disk that
  /// is full takes no lock away.
  package func writePID(_ path: String) {
    let descriptor = descriptor.load(ordering: .relaxed)
    do throws(UVError) {
      try UVError.system("write", path) { ftruncate(descriptor, 0) }
      try UVError.system("write", path) { Int32(clamping: lseek(descriptor, 0, SEEK_SET)) }
      try Files.writeAll(Array("\(getpid())\n".utf8), to: descriptor, path)
      writeFailure.withLock { $0 = nil }
    } catch {
      writeFailure.withLock { $0 = error }
    }
  }

  /// Takes the lock of a directory, in which nothing is written.
  ///
  /// - Parameter patience: how long a lock that is held is waited for.
  package static func acquire(
    directory: String, patience: Duration = .zero
  ) throws(LockFile.Failure) -> LockFile {
    do throws(UVError) {
      let descriptor = try UVError.system(.open, directory) {
        open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
      }
      let lock = LockFile(descriptor)
      try take(descriptor, directory, patience)
      return lock
    } catch {
      guard error.operation == .lock, error.code == .wouldBlock else { throw .system(error) }
      throw .heldBy(pid: nil)
    }
  }

  /// Takes the lock of an open file, in which nothing is written. The lock owns the descriptor,
  /// also when it could not be had.
  static func acquire(
    descriptor: Int32, _ path: String, patience: Duration
  ) throws(LockFile.Failure) -> LockFile {
    let lock = LockFile(descriptor)
    do throws(UVError) {
      try take(descriptor, path, patience)
      return lock
    } catch {
      guard error.code == .wouldBlock else { throw .system(error) }
      throw .heldBy(pid: nil)
    }
  }

  private static func take(
    _ descriptor: Int32, _ path: String, _ patience: Duration
  ) throws(UVError) {
    let end = Clock.monotonicTime + patience
    var hasTaken = false
    while true {
      do throws(UVError) {
        try UVError.system(.lock, path) { flock(descriptor, LOCK_EX | LOCK_NB) }
        return
      } catch {
        guard error.code == .wouldBlock else { throw error }
        if !hasTaken, LingeringProcess.unlock(descriptor) {
          hasTaken = true
          continue
        }
        guard Clock.monotonicTime < end else { throw error }
      }
      usleep(10_000)
    }
  }

  /// The pid in the file of a lock; its owner may not have written it yet.
  package static func holder(_ path: String) -> Int32? {
    // Where there is no file any more, its owner cannot be told.
    guard let bytes = try? Files.read(path, limit: 32) else { return nil }
    return Int32(String(decoding: bytes.prefix { $0 > UInt8(ascii: " ") }, as: UTF8.self))
  }

  /// Lets the lock go, and leaves the file to the end of the process. The kernel does it without
  /// the file system, as long as that has no locks of its own (NFS).
  package func unlock() {
    let descriptor = descriptor.load(ordering: .relaxed)
    guard descriptor >= 0 else { return }
    flock(descriptor, LOCK_UN)
  }

  /// Lets the lock go.
  package func release() {
    let descriptor = descriptor.exchange(-1, ordering: .relaxed)
    guard descriptor >= 0 else { return }
    // A child that is being forked has a copy of the descriptor: closing ours is not enough.
    flock(descriptor, LOCK_UN)
    Glibc.close(descriptor)
  }
}
