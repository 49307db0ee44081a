import CLibUV
import Glibc

/// A TCP connection in the making, which can be given up: the name is resolved on the pool, then the addresses
/// are tried one after the other.
package final class Connector {
  private let loop: Loop
  private var then: ((Result<Stream, UVError>) -> Void)?
  /// The question that is under way.
  private var resolution: ResolveRequest?
  /// The attempt that is under way.
  private var stream: Stream?

  /// Begins.
  ///
  /// - Parameters:
  ///   - host: a name or a number.
  ///   - then: called exactly once, from the loop, unless it is given up: with the connection, or with what
  ///     failed at the last address: operation `resolve` or `connect`.
  package init(
    host: String, port: UInt16, on loop: Loop,
    then: @escaping (Result<Stream, UVError>) -> Void
  ) throws(UVError) {
    self.loop = loop
    self.then = then
    resolution = try ResolveRequest.submit(host, port, on: loop) { [weak self] result in
      self?.resolution = nil
      switch result {
      case .success(let addresses): self?.connect(toOneOf: addresses[...])
      case .failure(let error): self?.tell(.failure(error))
      }
    }
  }

  /// Gives up: nothing is told any more. A resolver that is at work is not waited for, but the loop is there
  /// until it has ended; one that waits for its turn on the pool does not get it.
  package func cancel() {
    then = nil
    resolution?.cancel()
    resolution = nil
    stream?.close()
    stream = nil
  }

  private func connect(toOneOf addresses: ArraySlice<SocketAddress>) {
    guard then != nil, let address = addresses.first else { return }
    let next = { [weak self] (result: Result<Stream, UVError>) in
      guard let self, then != nil else {
        // Given up in the very turn in which it succeeded.
        if case .success(let stream) = result { stream.close() }
        return
      }
      stream = nil
      if case .failure = result, addresses.count > 1 {
        connect(toOneOf: addresses.dropFirst())
      } else {
        tell(result)
      }
    }
    do throws(UVError) {
      let stream = try Stream(.tcp, peer: address.host, on: loop)
      self.stream = stream
      ConnectRequest.submit(
        stream, operation: "connect", subject: address.description, then: next
      ) { request, callback in
        address.withPointer { pointer, _ in
          uv_tcp_connect(request, stream.pointer(as: uv_tcp_t.self), pointer, callback)
        }
      }
    } catch {
      next(.failure(error))
    }
  }

  private func tell(_ result: Result<Stream, UVError>) {
    let then = self.then
    self.then = nil
    then?(result)
  }
}

/// A question to the resolver.
private final class ResolveRequest {
  typealias Then = (Result<[SocketAddress], UVError>) -> Void

  private let request = UnsafeMutablePointer<uv_getaddrinfo_t>.allocate(capacity: 1)
  private let host: String
  private let port: UInt16
  private let then: Then

  private init(_ host: String, _ port: UInt16, _ then: @escaping Then) {
    self.host = host
    self.port = port
    self.then = then
  }

  deinit {
    request.deallocate()
  }

  static func submit(
    _ host: String, _ port: UInt16, on loop: Loop, then: @escaping Then
  ) throws(UVError) -> ResolveRequest {
    let this = ResolveRequest(host, port, then)
    this.request.initialize(to: uv_getaddrinfo_t())
    this.request.pointee.data = Unmanaged.passRetained(this).toOpaque()
    let result = SocketAddress.ask(for: host, this.request, on: loop) { request, status, _ in
      ResolveRequest.finish(request, status)
    }
    if result != 0 {
      Unmanaged.passUnretained(this).release()
      throw UVError(code: result, operation: "resolve", subject: host)
    }
    return this
  }

  /// Takes the question back if nobody is at it yet (`uv_cancel`): its end is told all the same.
  func cancel() {
    // EBUSY: somebody is, and is not to be stopped.
    _ = UnsafeMutableRawPointer(request).withMemoryRebound(to: uv_req_t.self, capacity: 1) {
      uv_cancel($0)
    }
  }

  private static func finish(_ request: UnsafeMutablePointer<uv_getaddrinfo_t>?, _ status: Int32) {
    guard let data = request?.pointee.data else { return }
    Unmanaged<ResolveRequest>.fromOpaque(data).takeRetainedValue().tell(status)
  }

  private func tell(_ status: Int32) {
    do throws(UVError) {
      try UVError.check(status, "resolve", host)
      then(.success(try SocketAddress.addresses(in: request, host, port)))
    } catch {
      then(.failure(error))
    }
  }
}
