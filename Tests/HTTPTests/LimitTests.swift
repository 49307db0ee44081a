import HTTP
import Testing

/// What still fits, and what is one byte too much.
struct LimitTests {
  private func statuses(_ input: [UInt8], _ pieces: Pieces) -> (peer: Peer, status: String) {
    let peer = Peer { _ in Response(.ok) }
    peer.feed(input, pieces: pieces)
    return (peer, String(peer.output.prefix(12).suffix(3)))
  }

  @Test(arguments: [(8192, "200"), (8193, "414"), (60_000, "414")], Pieces.allCases)
  func theTarget(_ limit: (length: Int, status: String), pieces: Pieces) {
    let target = "/" + String(repeating: "a", count: limit.length - 1)
    let (_, status) = statuses(
      Array("GET \(target) HTTP/1.1\r\nHost: a\r\n\r\n".utf8), pieces)
    #expect(status == limit.status)
  }

  @Test(arguments: [(16_384, "200"), (16_385, "431"), (60_000, "431")], Pieces.allCases)
  func theHeaderInOneField(_ limit: (length: Int, status: String), pieces: Pieces) {
    let fixed = "Host: a\r\nX: \r\n\r\n"
    let value = String(repeating: "b", count: limit.length - fixed.utf8.count)
    let (_, status) = statuses(
      Array("GET / HTTP/1.1\r\nHost: a\r\nX: \(value)\r\n\r\n".utf8), pieces)
    #expect(status == limit.status)
  }

  @Test(arguments: [(1637, "200"), (1638, "431")], Pieces.allCases)
  func theHeaderInManyFields(_ limit: (count: Int, status: String), pieces: Pieces) {
    // 9 bytes for Host, 2 for the end, 10 for each of these: 1637 fit.
    let fields = String(repeating: "Name: va\r\n", count: limit.count)
    let (_, status) = statuses(
      Array("GET / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n".utf8), pieces)
    #expect(status == limit.status)
  }

  @Test func theTargetDoesNotCountAsHeader() {
    let target = "/" + String(repeating: "a", count: 8191)
    let value = String(repeating: "b", count: 16_384 - 16)
    let (_, status) = statuses(
      Array("GET \(target) HTTP/1.1\r\nHost: a\r\nX: \(value)\r\n\r\n".utf8), .whole)
    #expect(status == "200")
  }

  @Test(arguments: Pieces.allCases)
  func theTrailers(pieces: Pieces) {
    let value = String(repeating: "b", count: 16_384)
    let (_, status) = statuses(
      Array(
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
          + "0\r\nX: \(value)\r\n\r\n").utf8), pieces)
    #expect(status == "431")
  }

  @Test(arguments: [
    ("1048576", "200"), ("1048577", "413"), ("99999999999999999999999999", "413"),
  ])
  func aDeclaredBody(_ limit: (length: String, status: String)) {
    let peer = Peer { _ in Response(.ok) }
    peer.feed("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(limit.length)\r\n\r\n")
    #expect(peer.requests.isEmpty)
    if limit.status == "200" {
      #expect(peer.sent.isEmpty)
      peer.feed([UInt8](repeating: 1, count: 1_048_576))
      #expect(peer.requests.first?.request.body.count == 1_048_576)
    }
    #expect(peer.output.hasPrefix("HTTP/1.1 \(limit.status) "))
  }

  @Test(arguments: [(0, "200"), (1, "413")], [1, 65_536, 1_000_000])
  func aChunkedBody(_ limit: (excess: Int, status: String), chunk: Int) {
    let peer = Peer { _ in Response(.ok) }
    var input = Array("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n".utf8)
    var remaining = 1_048_576 + limit.excess
    while remaining > 0 {
      let count = min(chunk, remaining)
      input += "\(String(count, radix: 16))\r\n".utf8
      input += [UInt8](repeating: 2, count: count)
      input += "\r\n".utf8
      remaining -= count
    }
    input += "0\r\n\r\n".utf8
    peer.feed(input)
    #expect(peer.output.hasPrefix("HTTP/1.1 \(limit.status) "))
    #expect(peer.requests.map(\.request.body.count) == (limit.excess == 0 ? [1_048_576] : []))
  }

  @Test func aChunkThatIsTooLargeIsRefusedBeforeItComes() {
    let (peer, status) = statuses(
      Array(
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffff\r\n".utf8
      ), .whole)
    #expect(status == "413")
    #expect(peer.requests.isEmpty)
  }

  @Test func aRefusedBodyIsReadAndThrownAwaySoThatTheAnswerArrives() {
    let peer = Peer()
    peer.feed("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2000000\r\n\r\n")
    #expect(peer.output.hasPrefix("HTTP/1.1 413 "))
    #expect(!peer.isClosed && peer.connection.wantsInput)
    peer.feed([UInt8](repeating: 0x20, count: 100_000))
    #expect(!peer.isClosed)
    peer.end()
    #expect(peer.isClosed)
    #expect(peer.output.ranges(of: "HTTP/1.1").count == 1)
  }

  @Test func aClientThatGoesOnSendingARefusedBodyIsLeft() {
    let peer = Peer()
    peer.feed("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2000000\r\n\r\n")
    peer.wait(.milliseconds(1999))
    #expect(!peer.isClosed)
    peer.wait(.milliseconds(1))
    #expect(peer.isClosed)
  }
}
