import CLibUV
import CLinux
import Glibc

extension File {
  /// Gives a file another name, replacing what had it (`uv_fs_rename`).
  package static func rename(
    _ from: String, to: String, on loop: Loop, then: @escaping (UVError?) -> Void
  ) {
    FileRequest.submit(
      in: loop.pool.place(ofFile: from), "rename", from,
      { loop, request, callback in
        from.withSystemPath { from in
          to.withSystemPath { uv_fs_rename(loop, request, from, $0, callback) }
        }
      }, then: then)
  }

  /// Takes a name away (`uv_fs_unlink`); the last one frees the file, which can take long.
  package static func unlink(
    _ path: String, on loop: Loop, then: @escaping (UVError?) -> Void
  ) {
    FileRequest.submit(
      in: loop.pool.place(ofFile: path), "remove", path,
      { loop, request, callback in
        path.withSystemPath { uv_fs_unlink(loop, request, $0, callback) }
      }, then: then)
  }

  /// What the system says about the file of that name (`uv_fs_stat`).
  package static func status(
    _ path: String, on loop: Loop, then: @escaping (Result<FileStatus, UVError>) -> Void
  ) {
    FileRequest.submit(in: loop.pool.place(ofFile: path)) { loop, request, callback in
      path.withSystemPath { uv_fs_stat(loop, request, $0, callback) }
    } completion: { result, request in
      if let error = UVError(result: result, "look at", path) { return then(.failure(error)) }
      then(.success(FileStatus(request.pointee.statbuf)))
    }
  }

  /// What the system says about the file of that name, on the spot (`stat(2)`).
  package static func statusNow(_ path: String) throws(UVError) -> FileStatus {
    var status = stat()
    try UVError.system("look at", path) { path.withSystemPath { stat($0, &status) } }
    return FileStatus(status)
  }
}

extension Pool {
  /// The lane of a file of the daemon's own.
  func place(ofFile path: String) -> PoolPlace {
    place(.ownFiles(directory: Files.parent(of: path)))
  }
}
