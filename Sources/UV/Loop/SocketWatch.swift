import CLibUV

/// Watches a socket that something else owns and closes (`uv_poll_t`). It is closed before the
/// socket is.
final class SocketWatch: Handle {
  private let onReady: (_ isReadable: Bool, _ isWritable: Bool) -> Void
  private var events: Int32 = 0

  /// Makes a watch that is off.
  ///
  /// - Parameter onReady: called from the loop; an error of the socket is both.
  init(
    _ descriptor: Int32, on loop: Loop,
    onReady: @escaping (_ isReadable: Bool, _ isWritable: Bool) -> Void
  ) throws(UVError) {
    self.onReady = onReady
    try super.init(uv_poll_t.self, on: loop, "watch a socket") {
      uv_poll_init(loop.pointer, $0, descriptor)
    }
  }

  /// Says what is watched for, from now on (`uv_poll_start`).
  func watch(readable: Bool, writable: Bool) {
    events =
      (readable ? Int32(UV_READABLE.rawValue) : 0) | (writable ? Int32(UV_WRITABLE.rawValue) : 0)
    start()
  }

  private func start() {
    let result = uv_poll_start(pointer(as: uv_poll_t.self), events) { handle, status, events in
      Handle.owner(of: handle, as: SocketWatch.self).ready(status, events)
    }
    precondition(result == 0, "another handle watches this socket")
  }

  private func ready(_ status: Int32, _ ready: Int32) {
    guard status == 0 else {
      onReady(true, true)
      // libuv stops at an error; the owner has read it, and may go on with the socket.
      if !isClosing { start() }
      return
    }
    onReady(ready & Int32(UV_READABLE.rawValue) != 0, ready & Int32(UV_WRITABLE.rawValue) != 0)
  }
}
