import Glibc
import TestSupport
import Testing
import UV

struct ListenerTests {
  let directory: TemporaryDirectory
  init() throws { directory = try TemporaryDirectory() }

  /// Connects and says whether that succeeded.
  private func connects(_ path: String, on loop: Loop) throws -> Bool {
    var result: Result<Stream, UVError>?
    Stream.connect(unix: path, on: loop) { result = $0 }
    try runLoop(loop) { result != nil }
    let stream = try? result?.get()
    stream?.close()
    return stream != nil
  }

  @Test func aFreePortIsTheSameOnEveryAddressOfTheHost() throws {
    try withLoop { loop in
      var peers: [String] = []
      let listeners = try Listener.tcp(host: "localhost", port: 0, on: loop) { stream in
        peers.append(stream.peer)
        stream.close()
      }
      #expect(Set(listeners.map(\.port)).count == 1)
      let port = try #require(listeners.first?.port)
      #expect(port > 0)
      for listener in listeners {
        #expect(["127.0.0.1:\(port)", "[::1]:\(port)"].contains(listener.address))
      }
      var done = 0
      try connect(toPort: port, on: loop) { result in
        (try? result.get())?.close()
        done += 1
      }
      try runLoop(loop) { done == 1 && peers.count == 1 }
      #expect(peers == ["127.0.0.1"])
      for listener in listeners { listener.close() }
    }
  }

  @Test func aPortThatIsTakenIsNamed() throws {
    try withLoop { loop in
      let first = try Listener.tcp(host: "127.0.0.1", port: 0, on: loop) { $0.close() }
      let port = try #require(first.first?.port)
      #expect {
        _ = try Listener.tcp(host: "127.0.0.1", port: port, on: loop) { $0.close() }
      } throws: { error in
        "\(error)" == "listen on '127.0.0.1:\(port)': Address already in use"
      }
      for listener in first { listener.close() }
    }
  }

  @Test func aForeignAddressIsRefusedAndALoopbackIPv6IsWrittenInBrackets() throws {
    try withLoop { loop in
      #expect {
        _ = try Listener.tcp(host: "203.0.113.7", port: 0, on: loop) { $0.close() }
      } throws: {
        ($0 as? UVError)?.code == .addressNotAvailable
      }
      do {
        let listeners = try Listener.tcp(host: "::1", port: 0, on: loop) { $0.close() }
        #expect(listeners.first?.address.hasPrefix("[::1]:") == true)
        for listener in listeners { listener.close() }
      } catch let error as UVError where ["EADDRNOTAVAIL", "EAFNOSUPPORT"].contains(error.name) {
        // This machine has no IPv6.
      }
    }
  }

  @Test func aUnixSocketHasItsModeWhateverTheUmask() throws {
    let path = directory.file("s")
    try withLoop { loop in
      var peers: [String] = []
      let listener = try Listener.unix(path: path, mode: 0o660, on: loop) { stream in
        peers.append(stream.peer)
        stream.close()
      }
      #expect(try Files.status(of: path).mode == 0o660)
      #expect(listener.address == "unix:\(path)")
      #expect(listener.port == nil)
      #expect(try connects(path, on: loop))
      try runLoop(loop) { peers == ["unix"] }
      listener.close()
    }
    #expect(directory.names.isEmpty)
  }

  @Test func aSocketThatSomebodyAnswersOnIsInUse() throws {
    let path = directory.file("s")
    try withLoop { loop in
      let listener = try Listener.unix(path: path, mode: 0o600, on: loop) { $0.close() }
      #expect {
        _ = try Listener.unix(path: path, mode: 0o600, on: loop) { $0.close() }
      } throws: {
        "\($0)" == "listen on '\(path)': Address already in use"
      }
      #expect(try connects(path, on: loop))
      listener.close()
    }
  }

  @Test func aStaleSocketIsReplaced() throws {
    let path = directory.file("s")
    let kept = directory.file("kept")
    try withLoop { loop in
      let listener = try Listener.unix(path: path, mode: 0o600, on: loop) { $0.close() }
      try #require(link(path, kept) == 0)
      listener.close()
      loop.run()
      try #require(rename(kept, path) == 0)
      // The child that another test forks may hold a copy of the listening descriptor until it
      // executes its command.
      while try connects(path, on: loop) { usleep(1000) }
      let next = try Listener.unix(path: path, mode: 0o600, on: loop) { $0.close() }
      #expect(try connects(path, on: loop))
      next.close()
    }
  }

  @Test func whatIsNoSocketIsLeftAlone() throws {
    let path = directory.file("precious")
    try Files.createNew(path, mode: 0o600, contents: [1])
    try withLoop { loop in
      #expect {
        _ = try Listener.unix(path: path, mode: 0o600, on: loop) { $0.close() }
      } throws: {
        ($0 as? UVError)?.code == .notSocket
      }
      let long = directory.file(String(repeating: "x", count: 108))
      #expect {
        _ = try Listener.unix(path: long, mode: 0o600, on: loop) { $0.close() }
      } throws: {
        ($0 as? UVError)?.name == "ENAMETOOLONG"
      }
    }
    #expect(try Files.read(path, limit: 1) == [1])
  }

  @Test func withoutDescriptorsConnectionsWaitAndAreServedLater() async {
    await #expect(processExitsWith: .success) {
      let directory = try TemporaryDirectory()
      let path = directory.file("s")
      try withLoop { loop in
        var served = 0
        var errors: [String] = []
        let listener = try Listener.unix(path: path, mode: 0o600, on: loop) { stream in
          served += 1
          stream.close()
        }
        listener.onError = { errors.append($0.name) }
        var connected: [Stream] = []
        for _ in 0..<3 {
          Stream.connect(unix: path, on: loop) { result in
            if let stream = try? result.get() { connected.append(stream) }
          }
        }
        // All sockets of the clients are there, now nothing is left for the server's.
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var (before, none) = (rlimit(), rlimit())
        try #require(getrlimit(resource, &before) == 0)
        none.rlim_max = before.rlim_max
        try #require(setrlimit(resource, &none) == 0)
        try runLoop(loop) { !errors.isEmpty && connected.count == 3 }
        let turns = try turn(loop, for: .milliseconds(350))
        #expect(served == 0)
        #expect(turns < 20, "the loop spins while descriptors are missing")
        #expect(errors == ["EMFILE"])
        try #require(setrlimit(resource, &before) == 0)
        try runLoop(loop) { served == 3 }
        for stream in connected { stream.close() }
        listener.close()
      }
    }
  }
}
