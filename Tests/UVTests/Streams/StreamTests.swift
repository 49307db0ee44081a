import Glibc
import TestSupport
import Testing
import UV

/// Two connected streams on a loop, and the listener between them.
private func withPair(_ body: (Loop, _ client: Stream, _ server: Stream) throws -> Void) throws {
  try withLoop { loop in
    var (client, server): (Stream?, Stream?)
    let listeners = try Listener.tcp(host: "127.0.0.1", port: 0, on: loop) { server = $0 }
    let port = try #require(listeners.first?.port)
    try connect(toPort: port, on: loop) { client = try? $0.get() }
    try runLoop(loop) { client != nil && server != nil }
    for listener in listeners { listener.close() }
    let pair = (try #require(client), try #require(server))
    try body(loop, pair.0, pair.1)
    loop.run()
  }
}

struct StreamTests {
  @Test func whatOneSideWritesTheOtherReadsAndTheEndComesAfterIt() throws {
    try withPair { loop, client, server in
      var received: [UInt8] = []
      var ends: [UVError?] = []
      #expect(server.peer == "127.0.0.1")
      server.startReading { span in
        span.withUnsafeBytes { received.append(contentsOf: $0) }
      } onEnd: { error in
        ends.append(error)
        server.close()
      }
      client.write(Array("hello".utf8))
      client.write([])
      client.write(Array(" world".utf8))
      client.shutdownWriting { error in
        #expect(error == nil)
        client.close()
      }
      loop.run()
      #expect(String(decoding: received, as: UTF8.self) == "hello world")
      #expect(ends == [nil])
    }
  }

  @Test func aWriteLargerThanTheSocketIsQueuedAndArrivesWhole() throws {
    try withPair { loop, client, server in
      let sent = (0..<8_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
      var order: [String] = []
      client.write(sent) { order.append("big \($0 == nil)") }
      #expect(order.isEmpty)
      #expect(client.queuedBytes > 0)
      client.write([1]) { order.append("small \($0 == nil)") }
      client.write([]) { order.append("empty \($0 == nil)") }
      client.shutdownWriting { _ in order.append("shut") }
      #expect(order.isEmpty)
      var received: [UInt8] = []
      server.startReading { span in
        span.withUnsafeBytes { received.append(contentsOf: $0) }
      } onEnd: { _ in
        server.close()
        client.close()
      }
      loop.run()
      #expect(order == ["big true", "small true", "empty true", "shut"])
      #expect(received == sent + [1])
      #expect(client.queuedBytes == 0)
    }
  }

  @Test func aWriteThatFitsIsDoneBeforeTheCallReturns() throws {
    try withPair { _, client, server in
      var done = false
      client.write([1, 2, 3]) { done = $0 == nil }
      #expect(done)
      client.close()
      server.close()
    }
  }

  @Test func closingCancelsWhatIsQueuedAndRefusesTheRest() throws {
    try withPair { loop, client, server in
      var told: [String] = []
      client.write([UInt8](repeating: 0, count: 8_000_000)) { told.append($0?.name ?? "written") }
      client.close()
      client.write([1]) { told.append($0?.name ?? "written") }
      client.shutdownWriting { told.append($0?.name ?? "shut") }
      #expect(told == ["ECANCELED", "ECANCELED"])
      loop.run()
      #expect(told == ["ECANCELED", "ECANCELED", "ECANCELED"])
      server.close()
    }
  }

  @Test func stoppedReadingHoldsTheBytesBackUntilItResumes() throws {
    try withPair { loop, client, server in
      var received = 0
      server.startReading { span in
        received += span.byteCount
        server.stopReading()
      } onEnd: { error in
        #expect(error == nil)
        server.close()
      }
      server.stopReading()
      client.write(Array("abc".utf8))
      client.close()
      for _ in 0..<5 { loop.run(.noWait) }
      #expect(received == 0)
      server.resumeReading()
      try runLoop(loop) { received == 3 }
      server.resumeReading()
      loop.run()
    }
  }

  @Test func aStreamMayBeClosedWhileItHandsBytesOn() throws {
    try withPair { loop, client, server in
      var calls = 0
      server.startReading { _ in
        calls += 1
        server.close()
      } onEnd: { _ in
        Issue.record("a closed stream told its end")
      }
      client.write([UInt8](repeating: 7, count: 1_000_000)) { _ in client.close() }
      loop.run()
      #expect(calls == 1)
    }
  }

  @Test func aResetConnectionEndsWithTheError() throws {
    try withPair { loop, client, server in
      var ends: [UVError?] = []
      // Unread bytes make the kernel answer a close with a reset.
      server.write([UInt8](repeating: 1, count: 100))
      server.startReading(onBytes: { _ in }) { error in
        ends.append(error)
        server.close()
      }
      client.startReading { _ in
        client.stopReading()
      } onEnd: { _ in
      }
      client.stopReading()
      let timer = try Timer(on: loop)
      timer.start(after: .milliseconds(5)) {
        client.close()
        timer.close()
      }
      loop.run()
      #expect(ends.map { $0?.name } == ["ECONNRESET"])
    }
  }

  @Test func writingToAPeerThatIsGoneFailsAndDoesNotKill() throws {
    SystemProcess.ignoreBrokenPipes()
    try withPair { loop, client, server in
      server.close()
      loop.run(.noWait)
      var failure: UVError?
      let timer = try Timer(on: loop)
      timer.start(after: .zero, repeating: .milliseconds(1)) {
        client.write([1]) { failure = $0 ?? failure }
        if failure != nil {
          timer.close()
          client.close()
        }
      }
      loop.run()
      #expect(["EPIPE", "ECONNRESET"].contains(failure?.name))
      #expect(failure?.subject == "127.0.0.1")
    }
  }
}
