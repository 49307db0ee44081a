import CLibUV
import Glibc

extension Stream {
  /// Connects to a TCP port; the addresses of the host are tried one after the other.
  ///
  /// - Parameter then: called exactly once: from the loop, or before this returns when the host
  ///   is unknown. Resolving the name blocks (`uv_getaddrinfo`).
  package static func connect(
    host: String, port: UInt16, on loop: Loop, then: @escaping (Result<Stream, UVError>) -> Void
  ) {
    do throws(UVError) {
      connect(toOneOf: try SocketAddress.resolve(host, port: port, on: loop)[...], loop, then)
    } catch {
      then(.failure(error))
    }
  }

  private static func connect(
    toOneOf addresses: ArraySlice<SocketAddress>, _ loop: Loop,
    _ then: @escaping (Result<Stream, UVError>) -> Void
  ) {
    guard let address = addresses.first else { return }
    let rest = addresses.dropFirst()
    let next = { (result: Result<Stream, UVError>) in
      guard case .failure = result, !rest.isEmpty else { return then(result) }
      connect(toOneOf: rest, loop, then)
    }
    do throws(UVError) {
      let stream = try Stream(.tcp, peer: address.host, on: loop)
      ConnectRequest.submit(stream, subject: address.description, then: next) { request, callback in
        address.withPointer { pointer, _ in
          uv_tcp_connect(request, stream.pointer(as: uv_tcp_t.self), pointer, callback)
        }
      }
    } catch {
      next(.failure(error))
    }
  }

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
      ConnectRequest.submit(stream, subject: path, then: then) { request, callback in
        uv_pipe_connect(request, stream.pointer(as: uv_pipe_t.self), path, callback)
        return 0
      }
    } catch {
      then(.failure(error))
    }
  }
}

/// A connection being made.
final class ConnectRequest {
  typealias Then = (Result<Stream, UVError>) -> Void

  private let request = UnsafeMutablePointer<uv_connect_t>.allocate(capacity: 1)
  private let stream: Stream
  private let operation: String
  private let subject: String
  private let then: Then

  private init(
    _ stream: Stream, _ operation: String, _ subject: String, _ then: @escaping Then
  ) {
    self.stream = stream
    self.operation = operation
    self.subject = subject
    self.then = then
  }

  deinit {
    request.deallocate()
  }

  static func submit(
    _ stream: Stream, operation: String = "connect to", subject: String, then: @escaping Then,
    _ start: (UnsafeMutablePointer<uv_connect_t>, uv_connect_cb) -> Int32
  ) {
    let this = ConnectRequest(stream, operation, subject, then)
    this.request.initialize(to: uv_connect_t())
    this.request.pointee.data = Unmanaged.passRetained(this).toOpaque()
    let result = start(this.request) { ConnectRequest.finish($0, $1) }
    if result != 0 {
      Unmanaged.passUnretained(this).release()
      this.tell(result)
    }
  }

  private static func finish(_ request: UnsafeMutablePointer<uv_connect_t>?, _ status: Int32) {
    guard let data = request?.pointee.data else { return }
    Unmanaged<ConnectRequest>.fromOpaque(data).takeRetainedValue().tell(status)
  }

  private func tell(_ status: Int32) {
    if let error = UVError(result: Int(status), operation, subject) {
      stream.close()
      then(.failure(error))
    } else {
      stream.sendAtOnce()
      then(.success(stream))
    }
  }
}
