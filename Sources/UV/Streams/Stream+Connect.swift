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
      ConnectRequest.submit(stream, operation: "connect to", subject: path, then: then) {
        request, callback in
        uv_pipe_connect(request, stream.pointer(as: uv_pipe_t.self), path, callback)
        return 0
      }
    } catch {
      then(.failure(error))
    }
  }
}
