import CLibUV
import CLinux
import Glibc

extension File {
  /// Gives a file another name, replacing what had it (`uv_fs_rename`).
  package static func rename(
    _ from: String, to: String, on loop: Loop, then: @escaping (UVError?) -> Void
  ) {
    FileRequest.submit(on: loop, "rename", from, { uv_fs_rename($0, $1, from, to, $2) }, then: then)
  }

  /// Takes a name away (`uv_fs_unlink`); the last one frees the file, which can take long.
  package static func unlink(
    _ path: String, on loop: Loop, then: @escaping (UVError?) -> Void
  ) {
    FileRequest.submit(on: loop, "remove", path, { uv_fs_unlink($0, $1, path, $2) }, then: then)
  }

  /// What the system says about the file of that name (`uv_fs_stat`).
  package static func status(
    _ path: String, on loop: Loop, then: @escaping (Result<FileStatus, UVError>) -> Void
  ) {
    FileRequest.submit(on: loop) {
      uv_fs_stat($0, $1, path, $2)
    } completion: { result, request in
      if let error = UVError(result: result, "look at", path) { return then(.failure(error)) }
      then(.success(FileStatus(request.pointee.statbuf)))
    }
  }

  /// What the system says about the file of that name, on the spot (`stat(2)`).
  package static func statusNow(_ path: String) throws(UVError) -> FileStatus {
    var status = stat()
    try UVError.system("look at", path) { stat(path, &status) }
    return FileStatus(status)
  }
}
