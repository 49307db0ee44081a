import CLibUV
import CLinux
import Glibc

/// An open file as threads of the pool use it. Each call may wait for a file system, and is made on
/// such a thread only.
package struct OpenedFile: Sendable {
  /// The path it was opened by, for messages.
  package let path: String
  let descriptor: Int32

  /// What the system says about the file (`fstat(2)`).
  package func status() throws(UVError) -> FileStatus {
    var status = stat()
    try UVError.system("look at", path) { fstat(descriptor, &status) }
    return FileStatus(status)
  }

  /// Cuts the file, or extends it with zeros (`ftruncate(2)`).
  package func truncate(to size: Int) throws(UVError) {
    try UVError.system("truncate", path) { ftruncate(descriptor, off_t(size)) }
  }

  /// One byte of the file; nil if it cannot be read.
  package func byte(at offset: Int) -> UInt8? {
    var byte: UInt8 = 0
    return pread(descriptor, &byte, 1, off_t(offset)) == 1 ? byte : nil
  }

  /// Reads into some of a buffer (`pread(2)`).
  ///
  /// - Parameter offset: where in the file.
  /// - Returns: how many bytes were read: fewer at the end of the file, zero past it.
  package func read(into piece: ByteBuffer.Piece, at offset: Int64) throws(UVError) -> Int {
    try UVError.system("read", path) {
      pread(descriptor, piece.bytes.baseAddress, piece.count, off_t(offset))
    }
  }

  /// Reads into some of a buffer what the kernel has in its memory: no disk is waited for
  /// (`preadv2(2)`, `RWF_NOWAIT`).
  ///
  /// - Parameter offset: where in the file.
  /// - Returns: how many bytes were read: zero where the first one is not in memory, or the file
  ///   system cannot tell.
  package func readCached(into piece: ByteBuffer.Piece, at offset: Int64) -> Int {
    max(0, exeio_read_cached(descriptor, piece.bytes.baseAddress, piece.count, offset))
  }

  /// Appends bytes (`write(2)`): as many as the file takes.
  ///
  /// - Returns: how many it took, and why not all.
  package func append(_ bytes: ByteBuffer.Piece) -> (count: Int, error: UVError?) {
    var written = 0
    while written < bytes.count {
      do throws(UVError) {
        let count = try UVError.system("write", path) {
          let rest = UnsafeMutableRawBufferPointer(rebasing: bytes.bytes[written...])
          return write(descriptor, rest.baseAddress, rest.count)
        }
        guard count > 0 else {
          return (written, UVError(code: -EIO, operation: "write", subject: path))
        }
        written += count
      } catch {
        return (written, error)
      }
    }
    return (written, nil)
  }

  /// Appends one byte (`write(2)`).
  package func append(_ byte: UInt8) throws(UVError) {
    var byte = byte
    try UVError.system("write", path) { write(descriptor, &byte, 1) }
  }

  /// Writes bytes, all of them (`write(2)`).
  package func writeAll(_ bytes: [UInt8]) throws(UVError) {
    try Files.writeAll(bytes, to: descriptor, path)
  }

  /// Gives the file, which is this process's own and new, the owner, the group and the mode of
  /// another one. What this user may not give stays as it is.
  package func take(ownerAndModeOf other: FileStatus) {
    // Without a look at it nothing is changed.
    guard let own = try? status(), own.owner == geteuid(),
      fchown(descriptor, other.owner, other.group) == 0
        || (own.owner, own.group) == (other.owner, other.group)
    else { return }
    fchmod(descriptor, mode_t(other.mode & 0o777))
  }

  /// Closes the file (`close(2)`).
  ///
  /// - Returns: what the file system had to say last. The descriptor is gone all the same.
  @discardableResult
  package func close() -> UVError? {
    guard Glibc.close(descriptor) != 0, errno != EINTR else { return nil }
    return UVError.current("close", path)
  }
}

extension ByteBuffer {
  /// Some bytes of a buffer that a thread of the pool reads or fills: the buffer is kept, and those
  /// bytes are not touched elsewhere, until the work has called back. Where the thread only reads
  /// them, they may be read elsewhere too.
  package struct Piece: Sendable {
    /// A pointer that may go to another thread.
    private let address: UInt
    package let count: Int

    fileprivate init(_ start: UnsafeMutableRawPointer, count: Int) {
      address = UInt(bitPattern: start)
      self.count = count
    }

    fileprivate var bytes: UnsafeMutableRawBufferPointer {
      UnsafeMutableRawBufferPointer(
        start: UnsafeMutableRawPointer(bitPattern: address), count: count)
    }
  }

  /// The bytes from a place on.
  package func piece(from start: Int, to end: Int) -> Piece {
    precondition(start >= 0 && start <= end && end <= capacity)
    return Piece(base + start, count: end - start)
  }
}
