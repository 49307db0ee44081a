import Glibc
import TestSupport
import Testing
import UV

struct HandedSocketTests {
  private let directory: TemporaryDirectory
  init() throws { directory = try TemporaryDirectory() }

  private func unfit(_ descriptor: Int32) -> String? {
    do {
      _ = try HandedSocket(descriptor, name: "web")
      return nil
    } catch {
      return "\(error)"
    }
  }

  /// A Unix socket that listens, as a service manager makes one: blocking, open to children.
  private func listen(_ path: String) throws -> Int32 {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let status = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    try #require(status == 0 && Glibc.listen(descriptor, 5) == 0)
    return descriptor
  }

  @Test func aUnixSocketIsServedAndItsFileStays() throws {
    let path = directory.file("s")
    let descriptor = try listen(path)
    let handed = try HandedSocket(descriptor, name: "web")
    #expect(fcntl(descriptor, F_GETFD) & FD_CLOEXEC != 0)
    #expect(fcntl(descriptor, F_GETFL) & O_NONBLOCK != 0)
    #expect(handed.address == "unix:\(path)" && handed.path == path && handed.port == nil)
    try withLoop { loop in
      var peers: [String] = []
      let listener = try Listener.adopting(handed, on: loop) { stream in
        peers.append(stream.peer)
        stream.close()
      }
      #expect(listener.address == "unix:\(path)")
      Stream.connect(unix: path, on: loop) { result in (try? result.get())?.close() }
      try runLoop(loop) { peers == ["unix"] }
      listener.close()
    }
    #expect(directory.names == ["s"], "a socket file that somebody else made was removed")
  }

  @Test func aTCPSocketIsServed() throws {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let status = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    try #require(status == 0 && Glibc.listen(descriptor, 5) == 0)
    let handed = try HandedSocket(descriptor, name: "web")
    let port = try #require(handed.port)
    #expect(handed.address == "127.0.0.1:\(port)" && handed.host == "127.0.0.1")
    #expect(handed.path == nil)
    try withLoop { loop in
      var peers: [String] = []
      let listener = try Listener.adopting(handed, on: loop) { stream in
        peers.append(stream.peer)
        stream.close()
      }
      try connect(toPort: port, on: loop) { result in
        (try? result.get())?.close()
      }
      try runLoop(loop) { peers == ["127.0.0.1"] }
      listener.close()
    }
  }

  @Test func whateverDoesNotListenIsRefusedByNumberAndName() throws {
    let stream = Int32(SOCK_STREAM.rawValue)
    let sockets = [
      (socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0), "no stream socket"),
      (socket(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue), 0), "no stream socket"),
      (socket(AF_NETLINK, Int32(SOCK_RAW.rawValue), 0), "neither a TCP nor a Unix socket"),
      (socket(AF_INET, stream, 0), "does not listen"),
      (socket(AF_UNIX, stream, 0), "does not listen"),
      (open("/dev/null", O_RDONLY), "is no socket"),
    ]
    for (descriptor, words) in sockets {
      try #require(descriptor >= 0)
      let message = try #require(unfit(descriptor))
      #expect(message.hasPrefix("descriptor \(descriptor) ('web' in LISTEN_FDNAMES) "))
      #expect(message.contains(words), "\(message)")
      close(descriptor)
    }
    #expect(unfit(1_000_000)?.hasSuffix("is not open") == true)
  }
}
