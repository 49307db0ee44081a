import Glibc
import TestSupport
import Testing
import UV

struct ConnectorTests {
  @Test(arguments: ["127.0.0.1", "localhost"])
  func aPortThatListensIsConnectedToByNumberAndByName(host: String) throws {
    try withLoop { loop in
      var accepted = 0
      let listeners = try Listener.tcp(host: "localhost", port: 0, on: loop) {
        accepted += 1
        $0.close()
      }
      let port = try #require(listeners.first?.port)
      var results: [Result<Stream, UVError>] = []
      let connector = try Connector(host: host, port: port, on: loop) { results.append($0) }
      #expect(results.isEmpty)
      try runLoop(loop) { accepted == 1 && !results.isEmpty }
      try results.first?.get().close()
      #expect(results.count == 1)
      connector.cancel()
      for listener in listeners { listener.close() }
    }
  }

  @Test func aPortThatDoesNotListenIsNamed() throws {
    let closed = try ClosedPort()
    let port = closed.port
    try withLoop { loop in
      var failure: UVError?
      let connector = try Connector(host: "127.0.0.1", port: port, on: loop) {
        if case .failure(let error) = $0 { failure = error }
      }
      try runLoop(loop) { failure != nil }
      #expect(
        failure
          == UVError(code: -ECONNREFUSED, operation: "connect", subject: "127.0.0.1:\(port)"))
      connector.cancel()
    }
  }

  @Test func aHostThatIsNotKnownIsNamed() throws {
    try withLoop { loop in
      var failure: UVError?
      let connector = try Connector(host: "no-such-host.invalid", port: 80, on: loop) {
        if case .failure(let error) = $0 { failure = error }
      }
      try runLoop(loop) { failure != nil }
      #expect(failure?.operation == "resolve" && failure?.subject == "no-such-host.invalid")
      connector.cancel()
    }
  }

  @Test func nothingIsToldOfAConnectionThatWasGivenUp() throws {
    try withLoop { loop in
      let listeners = try Listener.tcp(host: "127.0.0.1", port: 0, on: loop) { $0.close() }
      let port = try #require(listeners.first?.port)
      var told = 0
      // Before the name is resolved, and while the connection is made.
      for turns in 0..<6 {
        let connector = try Connector(host: "127.0.0.1", port: port, on: loop) { result in
          told += 1
          if case .success(let stream) = result { stream.close() }
        }
        let before = told
        for _ in 0..<turns { loop.run(.noWait) }
        let known = told
        connector.cancel()
        let timer = try Timer(on: loop)
        var isOver = false
        timer.start(after: .milliseconds(20)) { isOver = true }
        try runLoop(loop) { isOver }
        timer.close()
        #expect(told == known && known - before <= 1)
      }
      for listener in listeners { listener.close() }
    }
  }

  /// A thread of the pool reads the files that tell how a name is looked up. While there is none,
  /// that is waited for: it does not count as the time of the host, and what is given up meanwhile
  /// is not begun.
  @Test func aBusyPoolHoldsUpNamesAloneAndNoShutdown() throws {
    let directory = try TemporaryDirectory()
    // As many of each kind of work as can hang together, which is all of the threads.
    var lanes: [PoolLane] = (0..<8).map { .ownFiles(directory: "\($0)") }
    for number in 0..<2 {
      lanes += [
        .logs(directory: "\(number)"), .logPages(directory: "\(number)"),
        .start(place: "\(number)"), .processes,
      ]
    }
    let fifos = lanes.indices.map { directory.file("fifo\($0)") }
    for fifo in fifos { try #require(mkfifo(fifo, 0o600) == 0) }
    let closed = try ClosedPort()
    try withLoop { busy in
      // Opening a FIFO lasts until a process opens its other end: all of the pool waits for that.
      var (files, ends): ([Int32], [Int32]) = ([], [])
      for (fifo, lane) in zip(fifos, lanes) {
        PoolWork.run(on: busy, lane) {
          open(fifo, O_RDONLY | O_CLOEXEC)
        } then: {
          files.append($0)
        }
      }
      #expect(busy.pool.threads != 16 || busy.pool.runningCount == 16)
      try withLoop { loop in
        let named = try Connector(host: "web.test", port: 1, on: loop) {
          Issue.record("it is not known whom to ask")
        } then: { _ in
          Issue.record("the connector was given up")
        }
        // Numbers and localhost need no thread.
        var failures: [String] = []
        let others = try ["127.0.0.1", "localhost"].map { host in
          try Connector(host: host, port: closed.port, on: loop) {
            if case .failure(let error) = $0 { failures.append(error.name) }
          }
        }
        try runLoop(loop) { failures.count == 2 }
        #expect(failures == ["ECONNREFUSED", "ECONNREFUSED"])
        #expect(named.isLookingUp && !others[0].isLookingUp)
        named.cancel()
        let patience = try Timer(on: loop)
        patience.unref()
        patience.start(after: .seconds(20)) { loop.stop() }
        loop.run()
        #expect(patience.isActive, "the loop waited for the pool")
        patience.close()
        ends = fifos.map { open($0, O_WRONLY | O_CLOEXEC) }
      }
      try runLoop(busy) { files.count == fifos.count }
      for end in files + ends { close(end) }
    }
  }
}
