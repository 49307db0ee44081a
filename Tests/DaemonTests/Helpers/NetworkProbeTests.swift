import Basics
import HTTP
import Supervision
import TestSupport
import Testing
import UV

@testable import ExeioDaemon

/// One probe over the network, against servers that do what they should not.
struct NetworkProbeTests {
  /// Probes a server that does this with its first connection.
  ///
  /// - Parameter timeout: of the probe.
  private func failure(
    timeout: Duration = .seconds(100), _ serve: @escaping (UV.Stream) -> Void
  ) throws -> String? {
    try withLoop { loop in
      var streams: [UV.Stream] = []
      let listeners = try Listener.tcp(host: "127.0.0.1", port: 0, on: loop) {
        streams.append($0)
        serve($0)
      }
      let port = try #require(listeners.first?.port)
      let target = try #require(ProbeTarget(http: "http://127.0.0.1:\(port)/"))
      var results: [ProbeResult] = []
      let probe = try NetworkProbe(
        target, request: NetworkProbe.request(for: target), timeout: timeout, on: loop
      ) { results.append($0) }
      try runLoop(loop) { !results.isEmpty }
      #expect(results.count == 1)
      withExtendedLifetime(probe) {}
      for stream in streams { stream.close() }
      for listener in listeners { listener.close() }
      switch results[0] {
      case .succeeded: return nil
      case .failed(let words): return words
      case .unknown(let words):
        Issue.record("\(words)")
        return nil
      }
    }
  }

  private func answer(_ text: String) -> (UV.Stream) -> Void {
    { stream in stream.write(Array(text.utf8)) }
  }

  @Test func aServerThatSaysNothingIsWaitedForNoLongerThanTheTimeout() throws {
    let words = try failure(timeout: .milliseconds(50)) { _ in }
    #expect(words == "timed out after \(Duration.milliseconds(50).text)")
  }

  @Test func aServerThatGoesWithoutAnAnswerHasFailed() throws {
    let words = try failure { stream in
      stream.startReading { _ in
        stream.close()
      } onEnd: { _ in
      }
    }
    #expect(words == "the server closed the connection without an answer")
  }

  @Test(arguments: [
    ("HTTP/1.1 204 No Content\r\n\r\n", nil), ("HTTP/1.1 302 Found\r\n\r\n", nil),
    ("HTTP/1.1 503 Busy\r\nContent-Length: 100\r\n\r\n", "HTTP status 503"),
    ("HTTP/1.1 404 Not Found\r\n\r\n", "HTTP status 404"),
  ])
  func theStatusCounts(text: String, words: String?) throws {
    #expect(try failure(answer(text)) == words)
  }

  @Test func whatIsNoHTTPHasFailed() throws {
    let words = try #require(try failure(answer("220 mail.example.org\r\n\r\n")))
    #expect(!words.hasPrefix("HTTP status") && !words.hasPrefix("timed out"), "\(words)")
  }

  /// A page may be of any length: its status is all that is waited for.
  @Test func aBodyWithoutEndIsNotReadToItsEnd() throws {
    let words = try failure { stream in
      stream.write(Array("HTTP/1.1 200 OK\r\n\r\n".utf8) + [UInt8](repeating: 120, count: 8 << 20))
    }
    #expect(words == nil)
  }

  @Test func theRequestNamesTheHostAndAsksForNoMore() throws {
    let target = try #require(ProbeTarget(http: "http://[::1]:81/a?b"))
    let text = String(decoding: NetworkProbe.request(for: target), as: UTF8.self)
    #expect(text.hasPrefix("GET /a?b HTTP/1.1\r\nHost: [::1]:81\r\n"))
    #expect(text.contains("Connection: close\r\n") && text.hasSuffix("\r\n\r\n"))
  }
}
