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
    WriteRequest.submit(rest, on: self, then: then)
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
    ShutdownRequest.submit(on: self, then: then)
  }
}

/// Bytes on their way out: they and the C request stay where they are until libuv calls back.
private final class WriteRequest {
  private let request = UnsafeMutablePointer<uv_write_t>.allocate(capacity: 1)
  private let bytes: ByteBuffer
  private let peer: String
  private let then: ((UVError?) -> Void)?

  private init(_ rest: ArraySlice<UInt8>, peer: String, then: ((UVError?) -> Void)?) {
    bytes = ByteBuffer(capacity: max(1, rest.count))
    self.peer = peer
    self.then = then
    rest.withUnsafeBytes { bytes.append($0) }
  }

  deinit {
    request.deallocate()
  }

  static func submit(
    _ rest: ArraySlice<UInt8>, on stream: Stream, then: ((UVError?) -> Void)?
  ) {
    let this = WriteRequest(rest, peer: stream.peer, then: then)
    this.request.initialize(to: uv_write_t())
    this.request.pointee.data = Unmanaged.passRetained(this).toOpaque()
    var piece = this.bytes.vector(from: 0, count: this.bytes.count)
    let result = uv_write(this.request, stream.stream, &piece, 1) { WriteRequest.finish($0, $1) }
    if result != 0 {
      Unmanaged.passUnretained(this).release()
      this.tell(result)
    }
  }

  private static func finish(_ request: UnsafeMutablePointer<uv_write_t>?, _ status: Int32) {
    guard let data = request?.pointee.data else { return }
    Unmanaged<WriteRequest>.fromOpaque(data).takeRetainedValue().tell(status)
  }

  private func tell(_ status: Int32) {
    then?(UVError(result: Int(status), "write to", peer))
  }
}

/// An end of writing under way.
private final class ShutdownRequest {
  private let request = UnsafeMutablePointer<uv_shutdown_t>.allocate(capacity: 1)
  private let peer: String
  private let then: (UVError?) -> Void

  private init(peer: String, then: @escaping (UVError?) -> Void) {
    self.peer = peer
    self.then = then
  }

  deinit {
    request.deallocate()
  }

  static func submit(on stream: Stream, then: @escaping (UVError?) -> Void) {
    let this = ShutdownRequest(peer: stream.peer, then: then)
    this.request.initialize(to: uv_shutdown_t())
    this.request.pointee.data = Unmanaged.passRetained(this).toOpaque()
    let result = uv_shutdown(this.request, stream.stream) { ShutdownRequest.finish($0, $1) }
    if result != 0 {
      Unmanaged.passUnretained(this).release()
      this.tell(result)
    }
  }

  private static func finish(_ request: UnsafeMutablePointer<uv_shutdown_t>?, _ status: Int32) {
    guard let data = request?.pointee.data else { return }
    Unmanaged<ShutdownRequest>.fromOpaque(data).takeRetainedValue().tell(status)
  }

  private func tell(_ status: Int32) {
    then(UVError(result: Int(status), "end the connection to", peer))
  }
}

extension ByteBuffer {
  /// Some of the buffer, as libuv's streams want it.
  func vector(from start: Int, count: Int) -> uv_buf_t {
    uv_buf_init(
      base.advanced(by: start).assumingMemoryBound(to: CChar.self), UInt32(clamping: count))
  }
}
