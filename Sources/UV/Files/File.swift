import Glibc

/// An open file that is read and closed on libuv's pool; every callback comes back on the loop,
/// exactly once.
///
/// What is being read keeps the file open: ``close(then:)`` waits for it, so that a descriptor is
/// never used again while a thread still reads from it.
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
    /// `O_EXCL`: beside ``create``, fails where the name is there already.
    package static let exclusive = Access(rawValue: 16)

    var flags: Int32 {
      let writes = contains(.write) || contains(.append)
      var flags = writes ? (contains(.read) ? O_RDWR : O_WRONLY) : O_RDONLY
      if contains(.append) { flags |= O_APPEND }
      if contains(.create) { flags |= O_CREAT }
      if contains(.exclusive) { flags |= O_EXCL }
      return flags | O_CLOEXEC
    }
  }

  /// The path it was opened by, for messages.
  package let path: String
  private let loop: Loop
  private let place: PoolPlace
  private let readingPlace: PoolPlace
  private var descriptor: Int32
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

  /// Takes over a file that a thread of the pool has opened.
  ///
  /// - Parameters:
  ///   - lane: what work on it competes with.
  ///   - readingLane: the same of ``read(into:count:at:then:)``.
  package init(
    _ opened: OpenedFile, on loop: Loop, _ lane: PoolLane, reading readingLane: PoolLane
  ) {
    path = opened.path
    descriptor = opened.descriptor
    self.loop = loop
    place = loop.pool.place(lane)
    readingPlace = loop.pool.place(readingLane)
  }

  /// The clock of its loop.
  package var now: Duration { loop.now }

  /// The file as threads of the pool use it: while it is not being closed.
  package var opened: OpenedFile { OpenedFile(path: path, descriptor: descriptor) }

  deinit {
    precondition(state == .closed, "a file was dropped without close()")
  }

  /// Reads into a buffer, from its first byte on, and sets its `count` (`pread(2)`).
  ///
  /// - Parameters:
  ///   - count: how many bytes at most; more than zero.
  ///   - offset: where in the file.
  ///   - then: gets how many were read: fewer at the end of the file, zero past it. It gets `EBADF`
  ///     on the spot while the file is being closed.
  package func read(
    into buffer: ByteBuffer, count: Int, at offset: Int64,
    then: @escaping (Result<Int, UVError>) -> Void
  ) {
    precondition(count > 0 && offset >= 0)
    guard state == .open else {
      return then(.failure(UVError(code: -EBADF, operation: "read", subject: path)))
    }
    pending += 1
    let (opened, piece) = (opened, buffer.piece(from: 0, to: count))
    PoolWork.run(in: readingPlace) { () -> Result<Int, UVError> in
      do throws(UVError) {
        return .success(try opened.read(into: piece, at: offset))
      } catch {
        return .failure(error)
      }
    } then: { [self] result in
      pending -= 1
      if case .success(let count) = result { buffer.count = count }
      then(result)
      closeIfIdle()
    }
  }

  /// Closes the file once the work under way has ended (`close(2)`).
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
    let closed = opened
    descriptor = -1
    PoolWork.run(in: place) {
      closed.close()
    } then: { [self] error in
      state = .closed
      let waiting = afterClose
      afterClose = []
      for then in waiting { then(error) }
    }
  }
}
