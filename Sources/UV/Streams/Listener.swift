import CAres
import CLibUV
import CLinux
import Glibc

/// A socket that takes connections.
///
/// The loop watches it (`uv_poll`) and connections are accepted here, not by `uv_listen`: libuv
/// drops them in silence when descriptors run out, and can turn in a circle when its reserve
/// descriptor is lost. Here they wait in the kernel until there are descriptors again.
package final class Listener: DescriptorWatch {
  /// Where it listens: `127.0.0.1:8080`, `[::1]:8080`, `unix:/path`.
  package let address: String
  /// The TCP port.
  package let port: UInt16?
  /// Hears why connections cannot be accepted (`EMFILE`), once until one is accepted again.
  package var onError: ((UVError) -> Void)?
  /// Connections whose descriptor has this number or a higher one take what is kept back for other
  /// uses: `makesRoom` is asked for each.
  package var firstReservedDescriptor: Int32 = .max
  /// Asked for a connection, with the address of its peer, that would take a descriptor which is
  /// kept back: may close another connection; false where this one is to be closed at once.
  package var makesRoom: ((_ peer: String) -> Bool)?
  private var onConnection: ((Stream) -> Void)?
  private let pause: Timer
  private let kind: Stream.Kind
  private let socketFile: SocketFile?
  private var isStarved = false

  /// How many connections are accepted before the loop gets its turn.
  private static let batch = 64
  /// How long accepting rests when the system has no room for a connection.
  private static let rest = Duration.milliseconds(100)

  /// Takes over a socket that listens. When this throws, the descriptor is still the caller's.
  ///
  /// - Parameter socketFile: what is removed when the listener is closed.
  init(
    _ descriptor: Int32, socketFile: SocketFile?, on loop: Loop,
    onConnection: @escaping (Stream) -> Void
  ) throws(UVError) {
    let bound = try SocketAddress(boundBy: descriptor)
    address = bound.description
    port = bound.port
    kind = port == nil ? .pipe : .tcp
    self.socketFile = socketFile
    self.onConnection = onConnection
    let pause = try Timer(on: loop)
    self.pause = pause
    do throws(UVError) {
      try super.init(descriptor, on: loop)
    } catch {
      pause.close()
      throw error
    }
    whenReadable { [unowned self] in accept() }
    watch()
  }

  private func accept() {
    var hasMadeRoom = false
    for _ in 0..<Self.batch where !isClosing {
      var peer = sockaddr_storage()
      let accepted = Self.accept(descriptor, &peer)
      if accepted >= 0 {
        isStarved = false
        hasMadeRoom = false
        hand(over: accepted, from: SocketAddress(peer))
      } else if errno == EAGAIN {
        return
      } else if !Self.concernsOneConnection(errno) {
        let error = UVError.current("accept a connection on", address)
        // What is kept back has been taken by others than connections: a silent one goes for this
        // one, too.
        guard error.code == .tooManyOpenFiles, !hasMadeRoom, let makesRoom, makesRoom(address)
        else {
          return starve(error)
        }
        hasMadeRoom = true
      }
    }
  }

  private static func accept(_ listener: Int32, _ peer: inout sockaddr_storage) -> Int32 {
    var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
    return withUnsafeMutablePointer(to: &peer) { peer in
      peer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        accept4(listener, $0, &size, Int32(SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue))
      }
    }
  }

  /// Whether `accept(2)` failed for this connection alone: the next one may be fine.
  private static func concernsOneConnection(_ error: Int32) -> Bool {
    [
      ECONNABORTED, EINTR, EPERM, EPROTO, ENETDOWN, ENOPROTOOPT, EHOSTDOWN, ENONET, EHOSTUNREACH,
      EOPNOTSUPP, ENETUNREACH,
    ].contains(error)
  }

  private func hand(over accepted: Int32, from peer: SocketAddress) {
    var descriptor = accepted
    if descriptor >= firstReservedDescriptor, let makesRoom {
      guard makesRoom(peer.host) else {
        Glibc.close(descriptor)
        return
      }
      // The kernel gives the lowest number that is free: the one of the connection that was closed.
      let lower = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
      if lower >= 0 {
        Glibc.close(descriptor)
        descriptor = lower
      }
    }
    do throws(UVError) {
      let user = kind == .pipe ? Stream.peerUser(of: descriptor) : nil
      onConnection?(
        try Stream.adopting(descriptor, kind, peer: peer.host, peerUser: user, on: loop))
    } catch {
      Glibc.close(descriptor)
      onError?(error)
    }
  }

  private func starve(_ error: UVError) {
    unwatch()
    pause.start(after: Self.rest) { [unowned self] in watch() }
    guard !isStarved else { return }
    isStarved = true
    onError?(error)
  }

  override func closeResources() {
    super.closeResources()
    pause.close()
    socketFile?.remove(on: loop)
  }

  override func releaseClosures() {
    super.releaseClosures()
    onConnection = nil
    makesRoom = nil
    onError = nil
  }
}
