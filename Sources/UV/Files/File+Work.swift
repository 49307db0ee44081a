import CLibUV
import CLinux
import Glibc

extension File {
  /// Writes bytes of a buffer at the file's position, or its end with ``Access/append``
  /// (`uv_fs_write`).
  ///
  /// - Parameters:
  ///   - start: the first byte in the buffer.
  ///   - count: how many; more than zero.
  ///   - then: gets how many were written, which may be fewer.
  package func write(
    _ buffer: ByteBuffer, from start: Int, count: Int,
    then: @escaping (Result<Int, UVError>) -> Void
  ) {
    precondition(start >= 0 && count > 0 && count <= buffer.capacity - start)
    submit("write") { descriptor in
      { loop, request, callback in
        var piece = buffer.piece(from: start, count: count)
        return uv_fs_write(loop, request, descriptor, &piece, 1, -1, callback)
      }
    } completion: { result in
      then(result.map { $0.0 })
      withExtendedLifetime(buffer) {}
    }
  }

  /// Reads into a buffer, from its first byte on, and sets its `count` (`uv_fs_read`).
  ///
  /// - Parameters:
  ///   - count: how many bytes at most; more than zero.
  ///   - offset: where in the file.
  ///   - then: gets how many were read: fewer at the end of the file, zero past it.
  package func read(
    into buffer: ByteBuffer, count: Int, at offset: Int64,
    then: @escaping (Result<Int, UVError>) -> Void
  ) {
    precondition(count > 0 && count <= buffer.capacity && offset >= 0)
    submit("read", in: readingPlace) { descriptor in
      { loop, request, callback in
        var piece = buffer.piece(from: 0, count: count)
        return uv_fs_read(loop, request, descriptor, &piece, 1, offset, callback)
      }
    } completion: { result in
      if case .success((let count, _)) = result { buffer.count = count }
      then(result.map { $0.0 })
    }
  }

  /// Cuts the file, or extends it with zeros (`uv_fs_ftruncate`).
  package func truncate(to size: Int64, then: @escaping (UVError?) -> Void) {
    submit("truncate") { descriptor in
      { uv_fs_ftruncate($0, $1, descriptor, size, $2) }
    } completion: {
      then($0.error)
    }
  }

  /// Has the system write the file to its device (`uv_fs_fsync`).
  package func sync(then: @escaping (UVError?) -> Void) {
    submit("sync") { descriptor in
      { uv_fs_fsync($0, $1, descriptor, $2) }
    } completion: {
      then($0.error)
    }
  }

  /// What the system says about the file (`uv_fs_fstat`).
  package func status(then: @escaping (Result<FileStatus, UVError>) -> Void) {
    submit("look at") { descriptor in
      { uv_fs_fstat($0, $1, descriptor, $2) }
    } completion: { result in
      then(result.map { FileStatus($0.1.pointee.statbuf) })
    }
  }
}

extension ByteBuffer {
  /// Some of the buffer, as libuv wants it.
  func piece(from start: Int, count: Int) -> uv_buf_t {
    uv_buf_init(
      base.advanced(by: start).assumingMemoryBound(to: CChar.self), UInt32(clamping: count))
  }
}

extension Result where Failure == UVError {
  /// The error, if that is what it is.
  var error: UVError? {
    if case .failure(let error) = self { return error }
    return nil
  }
}
