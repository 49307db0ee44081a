import CLibUV
import Glibc

/// A TCP connection in the making, which can be given up: the name is looked up, then the addresses
/// are tried one after the other.
package final class Connector {
  private let loop: Loop
  private var then: ((Result<Stream, UVError>) -> Void)?
  private var lookUp: LookUp?
  /// The attempt that is under way.
  private var stream: Stream?

  /// Begins.
  ///
  /// - Parameters:
  ///   - host: a name or a number.
  ///   - resolver: the loop's own, unless another one is given.
  ///   - onBegin: called once, when it is known whom to ask or to connect to: what was waited for
  ///     until then, a thread of the pool that reads `/etc/hosts`, is no fault of the host. It may
  ///     be called before this returns.
  ///   - then: called exactly once, from the loop, unless it is given up: with the connection, or
  ///     with what failed at the last address: operation `resolve` or `connect`.
  package init(
    host: String, port: UInt16, on loop: Loop, resolver: Resolver? = nil,
    onBegin: @escaping () -> Void = {}, then: @escaping (Result<Stream, UVError>) -> Void
  ) throws(UVError) {
    self.loop = loop
    self.then = then
    lookUp = try (resolver ?? loop.resolver).lookUp(host, onBegin: onBegin) { [weak self] result in
      self?.lookUp = nil
      switch result {
      case .success(var addresses):
        for index in addresses.indices { addresses[index].port = port }
        self?.connect(toOneOf: addresses[...])
      case .failure(let error): self?.tell(.failure(error))
      }
    }
  }

  /// Whether the name is still being looked up.
  package var isLookingUp: Bool { lookUp != nil }

  /// Gives up: nothing is told any more, and no question and no attempt is left on the loop.
  package func cancel() {
    then = nil
    lookUp?.cancel()
    lookUp = nil
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
      stream.connect("connect", address.description, then: next) { request in
        address.withPointer { pointer, _ in
          uv_tcp_connect(request, stream.pointer(as: uv_tcp_t.self), pointer) {
            Request.finish($0, $1)
          }
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
