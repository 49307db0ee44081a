import CLibUV
import Glibc

extension Stream {
  /// Connects to a Unix socket (`uv_pipe_connect`).
  ///
  /// - Parameter then: called exactly once, from the loop; before this returns when the path is
  ///   too long for a socket.
  package static func connect(
    unix path: String, on loop: Loop, then: @escaping (Result<Stream, UVError>) -> Void
  ) {
    do throws(UVError) {
      _ = try SocketAddress.unix(path)
      let stream = try Stream(.pipe, peer: "unix", on: loop)
      stream.connect("connect to", path, then: then) { request in
        uv_pipe_connect(request, stream.pointer(as: uv_pipe_t.self), path) {
          Request.finish($0, $1)
        }
        return 0
      }
    } catch {
      then(.failure(error))
    }
  }

  /// Makes a connection by a function of libuv's, and closes the stream if it fails.
  ///
  /// - Parameter start: has libuv call ``Request/finish(_:_:)``.
  func connect(
    _ operation: UVError.Operation, _ subject: String,
    then: @escaping (Result<Stream, UVError>) -> Void,
    _ start: (UnsafeMutablePointer<uv_connect_t>) -> Int32
  ) {
    Request(uv_connect_t()).submit(start) { [self] status in
      if let error = UVError(result: Int(status), operation, subject) {
        close()
        then(.failure(error))
      } else {
        sendAtOnce()
        then(.success(self))
      }
    }
  }
}
