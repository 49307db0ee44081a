import CLibUV
import CLinux
import Glibc

/// An open file whose work is done on libuv's pool; every callback comes back on the loop,
/// exactly once.
///
/// Work that was submitted keeps the file open: ``close(then:)`` waits for it, so that a
/// descriptor is never used again while the pool still writes to it.
package final class File {
  /// How a file is opened (`open(2)`); `O_CLOEXEC` always comes with it.
  package struct Access: OptionSet, Sendable {
    package let rawValue: Int
    package init(rawValue: Int) { self.rawValue = rawValue }
    /// `O_RDONLY`, or half of `O_RDWR`.
    package static let read = Access(rawValue: 1)
    /// `O_WRONLY`, or half of `O_RDWR`.
    package static let write = Access(rawValue: 2)
    /// `O_APPEND`: every write goes to the end. Implies ``write``.
    package static let append = Access(rawValue: 4)
    /// `O_CREAT`.
    package static let create = Access(rawValue: 8)

    var flags: Int32 {
      let writes = contains(.write) || contains(.append)
      var flags = writes ? (contains(.read) ? O_RDWR : O_WRONLY) : O_RDONLY
      if contains(.append) { flags |= O_APPEND }
      if contains(.create) { flags |= O_CREAT }
      return flags | O_CLOEXEC
    }
  }

  /// The path it was opened by, for messages.
  package let path: String
  let loop: Loop
  /// Where its work waits for a thread, and where it is read for a client.
  let place: PoolPlace
  let readingPlace: PoolPlace
  private(set) var descriptor: Int32
  private var pending = 0
  private var afterClose: [(UVError?) -> Void] = []
  private var state = State.open

  private enum State {
    /// Work is accepted.
    case open
    /// Work is refused; what is under way ends, then the descriptor is closed.
    case closing
    /// The descriptor is gone.
    case closed
  }

  /// Takes over an open descriptor.
  init(
    _ path: String, descriptor: Int32, on loop: Loop, _ place: PoolPlace, reading: PoolPlace? = nil
  ) {
    self.path = path
    self.descriptor = descriptor
    self.loop = loop
    self.place = place
    readingPlace = reading ?? place
  }

  /// Takes over a file that a thread of the pool has opened.
  ///
  /// - Parameters:
  ///   - lane: what work on it competes with.
  ///   - readingLane: the same of ``read(into:count:at:then:)``.
  package convenience init(
    _ opened: OpenedFile, on loop: Loop, _ lane: PoolLane, reading readingLane: PoolLane
  ) {
    self.init(
      opened.path, descriptor: opened.descriptor, on: loop, loop.pool.place(lane),
      reading: loop.pool.place(readingLane))
  }

  /// The clock of its loop.
  package var now: Duration { loop.now }

  /// The file as threads of the pool use it: while it is not being closed.
  package var opened: OpenedFile { OpenedFile(path: path, descriptor: descriptor) }

  deinit {
    precondition(state == .closed, "a file was dropped without close()")
  }

  /// Opens a file on the pool (`uv_fs_open`).
  ///
  /// - Parameter mode: the permissions of a new file, less the process's umask.
  package static func open(
    _ path: String, _ access: Access, mode: UInt32 = 0o640, on loop: Loop,
    then: @escaping (Result<File, UVError>) -> Void
  ) {
    let place = loop.pool.place(ofFile: path)
    FileRequest.submit(in: place) { loop, request, callback in
      path.withSystemPath {
        uv_fs_open(loop, request, $0, access.flags, Int32(mode), callback)
      }
    } completion: { result, _ in
      if let error = UVError(result: result, "open", path) { return then(.failure(error)) }
      then(.success(File(path, descriptor: Int32(result), on: loop, place)))
    }
  }

  /// Submits work on the descriptor and keeps it open meanwhile.
  func submit(
    _ operation: UVError.Operation, in other: PoolPlace? = nil,
    _ start: (Int32) -> FileRequest.Start,
    completion: @escaping (Result<(Int, UnsafePointer<uv_fs_t>), UVError>) -> Void
  ) {
    guard state == .open else {
      return completion(.failure(UVError(code: -EBADF, operation: operation, subject: path)))
    }
    pending += 1
    FileRequest.submit(in: other ?? place, start(descriptor)) { [self] result, request in
      pending -= 1
      if let error = UVError(result: result, operation, path) {
        completion(.failure(error))
      } else {
        completion(.success((result, request)))
      }
      closeIfIdle()
    }
  }

  /// Closes the file once the work under way has ended (`uv_fs_close`).
  ///
  /// - Parameter then: called from the loop; at once when the file is closed already.
  package func close(then: ((UVError?) -> Void)? = nil) {
    switch state {
    case .open:
      state = .closing
      if let then { afterClose.append(then) }
      closeIfIdle()
    case .closing:
      if let then { afterClose.append(then) }
    case .closed:
      then?(nil)
    }
  }

  private func closeIfIdle() {
    guard state == .closing, pending == 0, descriptor >= 0 else { return }
    let closed = descriptor
    descriptor = -1
    FileRequest.submit(in: place, "close", path) {
      uv_fs_close($0, $1, closed, $2)
    } then: { [self] error in
      state = .closed
      let waiting = afterClose
      afterClose = []
      for then in waiting { then(error) }
    }
  }
}
