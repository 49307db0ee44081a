import CLibUV
import Glibc

extension Stream {
  /// Writes bytes, after those that are still queued (`uv_try_write`, then `uv_write`).
  ///
  /// - Parameter then: called exactly once. When everything could be written at once, or writing
  ///   failed at once, it is called before this returns; else from the loop, with `ECANCELED`
  ///   when the stream is closed before.
  package func write(_ bytes: [UInt8], then: ((UVError?) -> Void)? = nil) {
    guard !isClosing else {
      then?(UVError(code: -ECANCELED, operation: "write to", subject: peer))
      return
    }
    let written = bytes.withUnsafeBytes { tryWrite($0) }
    if let error = UVError(result: written, "write to", peer), error.code != .wouldBlock {
      then?(error)
      return
    }
    let rest = bytes[max(0, written)...]
    guard !rest.isEmpty || queuedBytes > 0 else {
      then?(nil)
      return
    }
    submit(rest, then: then)
  }

  private func submit(_ rest: ArraySlice<UInt8>, then: ((UVError?) -> Void)?) {
    // They stay where they are until libuv calls back.
    let bytes = ByteBuffer(capacity: max(1, rest.count))
    rest.withUnsafeBytes { bytes.append($0) }
    var piece = bytes.vector(from: 0, count: bytes.count)
    Request(uv_write_t()).submit { request in
      uv_write(request, stream, &piece, 1) { Request.finish($0, $1) }
    } then: { [peer] status in
      withExtendedLifetime(bytes) {}
      then?(UVError(result: Int(status), "write to", peer))
    }
  }

  private func tryWrite(_ bytes: UnsafeRawBufferPointer) -> Int {
    guard let base = bytes.baseAddress, !bytes.isEmpty else { return 0 }
    var piece = uv_buf_init(
      UnsafeMutableRawPointer(mutating: base).assumingMemoryBound(to: CChar.self),
      UInt32(clamping: bytes.count))
    return Int(uv_try_write(stream, &piece, 1))
  }

  /// How many bytes wait to be written (`uv_stream_get_write_queue_size`).
  package var queuedBytes: Int {
    isClosing ? 0 : uv_stream_get_write_queue_size(stream)
  }

  /// Tells the peer that nothing more comes, once what is queued has left (`uv_shutdown`).
  ///
  /// - Parameter then: called exactly once, from the loop; before this returns when the stream
  ///   is closed or not connected.
  package func shutdownWriting(then: @escaping (UVError?) -> Void) {
    guard !isClosing else {
      return then(UVError(code: -ECANCELED, operation: "end the connection to", subject: peer))
    }
    Request(uv_shutdown_t()).submit { request in
      uv_shutdown(request, stream) { Request.finish($0, $1) }
    } then: { [peer] status in
      then(UVError(result: Int(status), "end the connection to", peer))
    }
  }
}

extension ByteBuffer {
  /// Some of the buffer, as libuv's streams want it.
  func vector(from start: Int, count: Int) -> uv_buf_t {
    uv_buf_init(
      base.advanced(by: start).assumingMemoryBound(to: CChar.self), UInt32(clamping: count))
  }
}
