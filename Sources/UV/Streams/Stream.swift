import CLibUV
import Glibc

/// A connection: a TCP socket (`uv_tcp_t`), a Unix socket or a pipe (`uv_pipe_t`).
package final class Stream: Handle {
  enum Kind {
    /// TCP, without Nagle's delay.
    case tcp
    /// A Unix socket, or one end of a pipe.
    case pipe
  }

  /// Who is at the other end: `127.0.0.1`, `::1` (without the port), or `unix`.
  package let peer: String
  /// The user of the process that connected to a Unix socket, as the kernel knows it; nil for TCP.
  package let peerUser: UInt32?
  let kind: Kind
  private var onBytes: ((RawSpan) -> Void)?
  private var onEnd: ((UVError?) -> Void)?

  /// Makes a stream that is not connected.
  init(
    _ kind: Kind, peer: String, peerUser: UInt32? = nil, on loop: Loop
  ) throws(UVError) {
    self.kind = kind
    self.peerUser = peerUser
    self.peer = peer
    switch kind {
    case .tcp:
      try super.init(uv_tcp_t.self, on: loop, "create a socket") { uv_tcp_init(loop.pointer, $0) }
    case .pipe:
      try super.init(uv_pipe_t.self, on: loop, "create a pipe") {
        uv_pipe_init(loop.pointer, $0, 0)
      }
    }
  }

  /// Makes a stream of a connected descriptor (`uv_tcp_open`, `uv_pipe_open`). When this throws,
  /// the descriptor is still the caller's.
  static func adopting(
    _ descriptor: Int32, _ kind: Kind, peer: String, peerUser: UInt32? = nil, on loop: Loop
  ) throws(UVError) -> Stream {
    let stream = try Stream(kind, peer: peer, peerUser: peerUser, on: loop)
    let result =
      switch kind {
      case .tcp: uv_tcp_open(stream.pointer(as: uv_tcp_t.self), descriptor)
      case .pipe: uv_pipe_open(stream.pointer(as: uv_pipe_t.self), descriptor)
      }
    guard result == 0 else {
      stream.close()
      throw UVError(code: result, operation: "open a stream", subject: peer)
    }
    stream.sendAtOnce()
    return stream
  }

  /// After how many seconds of silence a peer is asked whether it is there (`SO_KEEPALIVE`).
  private static let keepAliveSeconds: UInt32 = 60

  /// Turns Nagle's delay off. A connection that is broken already refuses; its first read tells.
  func sendAtOnce() {
    if kind == .tcp {
      uv_tcp_nodelay(pointer(as: uv_tcp_t.self), 1)
      // A peer that lost power says nothing of its end.
      uv_tcp_keepalive(pointer(as: uv_tcp_t.self), 1, Self.keepAliveSeconds)
    }
  }

  /// The handle as libuv's stream functions want it.
  var stream: UnsafeMutablePointer<uv_stream_t> { pointer(as: uv_stream_t.self) }

  /// Reads from now on (`uv_read_start`).
  ///
  /// - Parameters:
  ///   - onBytes: gets what was read; the bytes are there during the call only.
  ///   - onEnd: called exactly once: without an error when the peer has ended, with one when
  ///     reading failed. Not called any more after ``Handle/close(_:)``.
  package func startReading(
    onBytes: @escaping (RawSpan) -> Void, onEnd: @escaping (UVError?) -> Void
  ) {
    guard !isClosing else { return }
    self.onBytes = onBytes
    self.onEnd = onEnd
    resumeReading()
  }

  /// Reads nothing until ``resumeReading()`` (`uv_read_stop`).
  package func stopReading() {
    if !isClosing { uv_read_stop(stream) }
  }

  /// Reads on; does nothing before ``startReading(onBytes:onEnd:)`` and after the end.
  package func resumeReading() {
    guard !isClosing, onEnd != nil else { return }
    let result = uv_read_start(
      stream, { handle, _, piece in Handle.owner(of: handle, as: Stream.self).offerBuffer(piece) },
      { handle, count, _ in Handle.owner(of: handle, as: Stream.self).didRead(count) })
    if result != 0, result != -EALREADY { end(result) }
  }

  private func offerBuffer(_ piece: UnsafeMutablePointer<uv_buf_t>?) {
    piece?.pointee = loop.readBuffer.vector(from: 0, count: loop.readBuffer.capacity)
  }

  /// Zero is no end but "try again".
  private func didRead(_ count: Int) {
    if count > 0 {
      onBytes?(UnsafeRawBufferPointer(start: loop.readBuffer.base, count: count).bytes)
    } else if count < 0 {
      end(Int32(clamping: count))
    }
  }

  private func end(_ code: Int32) {
    uv_read_stop(stream)
    let onEnd = self.onEnd
    releaseClosures()
    onEnd?(
      code == .endOfFile ? nil : UVError(code: code, operation: "read from", subject: peer))
  }

  override func releaseClosures() {
    onBytes = nil
    onEnd = nil
  }
}
