import CLibUV
import Glibc

extension File {
  /// Replaces a file's contents so that a reader, and a crash, finds the old ones or the new
  /// ones whole: a temporary file beside it is written, synced and renamed, then the directory
  /// is synced. On failure the temporary file is removed and the old one stands.
  ///
  /// Calls for one path must not overlap: they share the temporary file's name.
  ///
  /// - Parameters:
  ///   - mode: the permissions of the new file, whatever the process's umask is.
  ///   - owner: whose owner and group the new file gets; those of this process where nil.
  package static func replace(
    _ path: String, with bytes: [UInt8], mode: UInt32, owner: FileStatus? = nil, on loop: Loop,
    then: @escaping (UVError?) -> Void
  ) {
    Replacement(path, path + ".tmp", bytes, mode: mode, owner: owner, on: loop, then: then)
      .begin()
  }

  /// Makes a file that is not there yet, as ``replace(_:with:mode:owner:on:then:)`` does: it is on the disk at
  /// the end. On failure it is removed.
  ///
  /// - Parameter then: gets `EEXIST` of an `open` where there is something of that name, which is left alone.
  static func make(
    _ path: String, with bytes: [UInt8], mode: UInt32, owner: FileStatus? = nil, on loop: Loop,
    then: @escaping (UVError?) -> Void
  ) {
    Replacement(path, path, bytes, mode: mode, owner: owner, on: loop, then: then).create()
  }
}

/// The steps of a replacement: each is one piece of work on the pool and starts the next.
private final class Replacement {
  private let path: String
  /// Where it is written; it has its name from the beginning where nothing is replaced.
  private let temporary: String
  private let buffer: ByteBuffer
  private let mode: UInt32
  private let owner: FileStatus?
  private let loop: Loop
  private let then: (UVError?) -> Void

  init(
    _ path: String, _ temporary: String, _ bytes: [UInt8], mode: UInt32, owner: FileStatus?,
    on loop: Loop,
    then: @escaping (UVError?) -> Void
  ) {
    self.path = path
    self.temporary = temporary
    buffer = ByteBuffer(capacity: max(1, bytes.count))
    self.mode = mode
    self.owner = owner
    self.loop = loop
    self.then = then
    bytes.withUnsafeBytes { buffer.append($0) }
  }

  /// What a crash may have left behind goes first, so that `O_EXCL` can refuse a planted link.
  func begin() {
    File.unlink(temporary, on: loop) { [self] error in
      if let error, error.code != -ENOENT { return then(error) }
      create()
    }
  }

  func create() {
    let access: File.Access = [.write, .create, .exclusive]
    // Nobody else gets at it before it has its owner.
    File.open(temporary, access, mode: 0o600, on: loop) { [self] result in
      switch result {
      case .success(let file): setMode(of: file)
      case .failure(let error): then(error)
      }
    }
  }

  private func setMode(of file: File) {
    do throws(UVError) {
      if let owner {
        try UVError.system(File.keepOwner, path) {
          fchown(file.descriptor, owner.owner, owner.group)
        }
      }
      try UVError.system("set the mode of", temporary) { fchmod(file.descriptor, mode_t(mode)) }
    } catch {
      return fail(error, closing: file)
    }
    write(file, from: 0)
  }

  private func write(_ file: File, from start: Int) {
    guard start < buffer.count else { return sync(file) }
    file.write(buffer, from: start, count: buffer.count - start) { [self] result in
      switch result {
      case .success(let count): write(file, from: start + count)
      case .failure(let error): fail(error, closing: file)
      }
    }
  }

  private func sync(_ file: File) {
    file.sync { [self] error in
      if let error { return fail(error, closing: file) }
      file.close { [self] error in
        if let error { return fail(error) }
        rename()
      }
    }
  }

  private func rename() {
    guard temporary != path else { return syncDirectory() }
    File.rename(temporary, to: path, on: loop) { [self] error in
      if let error { return fail(error) }
      syncDirectory()
    }
  }

  private func syncDirectory() {
    let end = path.lastIndex(of: "/")
    let directory = end.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    File.open(directory, .read, on: loop) { [self] result in
      switch result {
      case .success(let file):
        file.sync { [self] error in
          // Some file systems have no such thing as syncing a directory: the rename is all they can do.
          let isImpossible = error?.code == -EINVAL || error?.code == -ENOTSUP
          file.close { [self] _ in then(isImpossible ? nil : error) }
        }
      case .failure(let error): then(error)
      }
    }
  }

  private func fail(_ error: UVError, closing file: File) {
    file.close { [self] _ in fail(error) }
  }

  private func fail(_ error: UVError) {
    File.unlink(temporary, on: loop) { [self] _ in then(error) }
  }
}
