import CLibUV
import Glibc

extension File {
  /// Gives a file other contents and nothing else: owner, group, mode and the name stay.
  ///
  /// As a rule it is replaced, see ``replace(_:with:mode:owner:on:then:)``. Where the name is a mount of its own, which
  /// cannot be renamed, or the owner could not be kept, it is written in place; what it held goes into a backup
  /// beside it first, and is put back where the write fails.
  ///
  /// - Parameter old: what the file is and holds now; nil where there is none. A new one is for the owner alone.
  package static func rewrite(
    _ path: String, with bytes: [UInt8], over old: (status: FileStatus, bytes: [UInt8])?,
    on loop: Loop, then: @escaping (UVError?) -> Void
  ) {
    guard let old else { return replace(path, with: bytes, mode: 0o600, on: loop, then: then) }
    let mode = old.status.mode & 0o777
    replace(path, with: bytes, mode: mode, owner: old.status, on: loop) { error in
      guard let error, mustBeInPlace(error) else { return then(error) }
      writeInPlace(path, bytes, over: old, on: loop) { inPlace in
        guard error.operation == keepOwner, inPlace?.operation == "open" else {
          return then(inPlace)
        }
        // Another user's file that may not be written, in a directory of ours: it becomes ours.
        replace(path, with: bytes, mode: mode, on: loop, then: then)
      }
    }
  }

  /// The name of the backup of a file that is written in place.
  package static func backup(of path: String) -> String { path + ".bak" }

  /// Writes what a file holds into the backup beside it, for the same eyes only.
  private static func writeBackup(
    of path: String, _ file: (status: FileStatus, bytes: [UInt8]), on loop: Loop,
    then: @escaping (UVError?) -> Void
  ) {
    let (mode, name) = (file.status.mode & 0o777, backup(of: path))
    replace(name, with: file.bytes, mode: mode, owner: file.status, on: loop) { error in
      guard error?.operation == keepOwner else { return then(error) }
      replace(name, with: file.bytes, mode: mode & 0o700, on: loop, then: then)
    }
  }

  /// How many copies of what was overwritten by order are kept beside a file.
  package static let mostForcedBackups = 100

  /// The names of the copies of what was overwritten by order, the first one first.
  package static func forcedBackup(of path: String, number: Int) -> String {
    number == 0 ? "\(path).forced.bak" : "\(path).forced.bak.\(number)"
  }

  /// Writes what a file holds into a new file beside it, for the same eyes only. No other write changes that
  /// one: neither the backup of a write in place, nor another call.
  ///
  /// - Parameter then: gets `EEXIST` where there are ``mostForcedBackups`` already.
  package static func writeForcedBackup(
    of path: String, _ file: (status: FileStatus, bytes: [UInt8]), on loop: Loop,
    then: @escaping (UVError?) -> Void
  ) {
    writeForcedBackup(of: path, file, number: 0, owner: file.status, on: loop, then: then)
  }

  private static func writeForcedBackup(
    of path: String, _ file: (status: FileStatus, bytes: [UInt8]), number: Int,
    owner: FileStatus?, on loop: Loop, then: @escaping (UVError?) -> Void
  ) {
    guard number < mostForcedBackups else {
      return then(UVError(code: -EEXIST, operation: "back up", subject: path))
    }
    let name = forcedBackup(of: path, number: number)
    let mode = file.status.mode & (owner == nil ? 0o700 : 0o777)
    make(name, with: file.bytes, mode: mode, owner: owner, on: loop) { error in
      if let error, error.operation == "open", error.code == -EEXIST {
        writeForcedBackup(of: path, file, number: number + 1, owner: owner, on: loop, then: then)
      } else if owner != nil, error?.operation == keepOwner {
        writeForcedBackup(of: path, file, number: number, owner: nil, on: loop, then: then)
      } else {
        then(error)
      }
    }
  }

  static let keepOwner = "keep the owner of"

  private static func mustBeInPlace(_ error: UVError) -> Bool {
    switch error.operation {
    case "rename": error.code == -EBUSY || error.code == -EXDEV
    case keepOwner: true
    default: false
    }
  }

  private static func writeInPlace(
    _ path: String, _ bytes: [UInt8], over old: (status: FileStatus, bytes: [UInt8]),
    on loop: Loop, then: @escaping (UVError?) -> Void
  ) {
    writeBackup(of: path, old, on: loop) { error in
      if let error { return then(error) }
      open(path, .write, on: loop) { result in
        switch result {
        case .failure(let error): then(error)
        case .success(let file):
          file.overwrite(bytes) { error in
            guard let error else { return file.close(then: then) }
            file.overwrite(old.bytes) { _ in
              // If this has failed too, the backup has what was there.
              file.close { _ in then(error) }
            }
          }
        }
      }
    }
  }

  /// Cuts the file first: what a crash leaves is no whole JSON then, and not taken for one.
  private func overwrite(_ bytes: [UInt8], then: @escaping (UVError?) -> Void) {
    truncate(to: 0) { [self] error in
      if let error { return then(error) }
      let buffer = ByteBuffer(capacity: max(1, bytes.count))
      bytes.withUnsafeBytes { buffer.append($0) }
      write(buffer, from: 0) { [self] error in
        if let error { return then(error) }
        sync(then: then)
      }
    }
  }

  private func write(
    _ buffer: ByteBuffer, from start: Int, then: @escaping (UVError?) -> Void
  ) {
    guard start < buffer.count else { return then(nil) }
    writeAt(Int64(start), buffer, from: start, count: buffer.count - start) { [self] result in
      switch result {
      case .success(let count): write(buffer, from: start + count, then: then)
      case .failure(let error): then(error)
      }
    }
  }

  /// Writes at a place in the file (`uv_fs_write`): the position of the descriptor stays.
  private func writeAt(
    _ offset: Int64, _ buffer: ByteBuffer, from start: Int, count: Int,
    then: @escaping (Result<Int, UVError>) -> Void
  ) {
    submit("write") { descriptor in
      { loop, request, callback in
        var piece = buffer.piece(from: start, count: count)
        return uv_fs_write(loop, request, descriptor, &piece, 1, offset, callback)
      }
    } completion: { result in
      then(result.map { $0.0 })
      withExtendedLifetime(buffer) {}
    }
  }

  /// Reads a whole file on the pool, and says what it is.
  ///
  /// - Parameter limit: the most bytes a file may have.
  /// - Throws: into the result `EFBIG` for a larger one, `EINVAL` for what is no regular file and is not read,
  ///   or what `open(2)` says of it.
  package static func readRegular(
    _ path: String, limit: Int, on loop: Loop,
    then: @escaping (Result<(status: FileStatus, bytes: [UInt8]), UVError>) -> Void
  ) {
    // What is there is known only once it is open: another process may replace it until then, and an open
    // that waits for the other end of a FIFO would keep a thread of the pool.
    open(path, [.read, .nonBlocking], on: loop) { result in
      switch result {
      case .failure(let error): then(.failure(error))
      case .success(let file): file.readAll(limit: limit, then: then)
      }
    }
  }

  private func readAll(
    limit: Int, then: @escaping (Result<(status: FileStatus, bytes: [UInt8]), UVError>) -> Void
  ) {
    status { [self] result in
      switch result {
      case .failure(let error): close { _ in then(.failure(error)) }
      case .success(let status) where !status.isRegular:
        let error = UVError(code: -EINVAL, operation: "read", subject: path)
        close { _ in then(.failure(error)) }
      case .success(let status):
        let buffer = ByteBuffer(capacity: Int(clamping: min(status.size + 1, 1 << 20)))
        readOn(into: buffer, [], limit: limit) { [self] result in
          close { _ in then(result.map { (status, $0) }) }
        }
      }
    }
  }

  private func readOn(
    into buffer: ByteBuffer, _ bytes: [UInt8], limit: Int,
    then: @escaping (Result<[UInt8], UVError>) -> Void
  ) {
    read(into: buffer, count: buffer.capacity, at: Int64(bytes.count)) { [self] result in
      switch result {
      case .failure(let error): then(.failure(error))
      case .success(0): then(.success(bytes))
      case .success(let count):
        guard bytes.count + count <= limit else {
          return then(.failure(UVError(code: -EFBIG, operation: "read", subject: path)))
        }
        readOn(into: buffer, bytes + buffer.bytes, limit: limit, then: then)
      }
    }
  }
}
