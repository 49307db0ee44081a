import CLibUV
import CLinux
import Glibc

extension SocketAddress {
  /// The addresses of a host, each once, in the order of the resolver (`uv_getaddrinfo`, which
  /// blocks).
  static func resolve(
    _ host: String, port: UInt16, on loop: Loop
  ) throws(UVError) -> [SocketAddress] {
    let request = UnsafeMutablePointer<uv_getaddrinfo_t>.allocate(capacity: 1)
    request.initialize(to: uv_getaddrinfo_t())
    defer { request.deallocate() }
    try UVError.check(ask(for: host, request, on: loop, nil), "resolve", host)
    return try addresses(in: request, host, port)
  }

  /// Has the resolver asked for a host, on the pool where there is a callback.
  static func ask(
    for host: String, _ request: UnsafeMutablePointer<uv_getaddrinfo_t>, on loop: Loop,
    _ callback: uv_getaddrinfo_cb?
  ) -> Int32 {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    hints.ai_family = AF_UNSPEC
    // `localhost` is the loopback address whatever the resolver thinks of it (RFC 6761, 6.3); a bare
    // system may not even know the name. Without a host, getaddrinfo(3) gives that address.
    let isLoopback = host.lowercased() == "localhost"
    return isLoopback
      ? uv_getaddrinfo(loop.pointer, request, callback, nil, "0", &hints)
      : uv_getaddrinfo(loop.pointer, request, callback, host, nil, &hints)
  }

  /// What the resolver has answered; frees the answer.
  static func addresses(
    in request: UnsafeMutablePointer<uv_getaddrinfo_t>, _ host: String, _ port: UInt16
  ) throws(UVError) -> [SocketAddress] {
    defer { uv_freeaddrinfo(request.pointee.addrinfo) }
    var found: [SocketAddress] = []
    var next = request.pointee.addrinfo
    while let entry = next {
      next = entry.pointee.ai_next
      guard let pointer = entry.pointee.ai_addr else { continue }
      var address = SocketAddress(pointer, size: entry.pointee.ai_addrlen)
      address.port = port
      if !found.contains(where: { $0.description == address.description }) { found.append(address) }
    }
    guard !found.isEmpty else {
      throw UVError(code: -EADDRNOTAVAIL, operation: "resolve", subject: host)
    }
    return found
  }
}
