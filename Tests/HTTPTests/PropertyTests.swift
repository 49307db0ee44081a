import HTTP
import TestSupport
import Testing

/// What holds for any input, drawn from seeds.
struct PropertyTests {
  private func seen(_ peer: Peer) -> [RequestStream.Expected] {
    peer.requests.map { entry in
      RequestStream.Expected(
        method: entry.request.method, target: entry.request.target,
        fields: entry.request.headers.map { "\($0.name): \($0.value)" }, body: entry.request.body)
    }
  }

  /// Feeds in pieces of random lengths.
  private func feed(_ bytes: [UInt8], to peer: Peer, _ random: inout SeededRandom) {
    var rest = bytes[...]
    let longest = [1, 3, 20, 200, 5000][random.below(5)]
    while !rest.isEmpty {
      let piece = Array(rest.prefix(1 + random.below(longest)))
      rest = rest.dropFirst(piece.count)
      peer.feed(piece)
    }
  }

  @Test(arguments: 0..<150)
  func validRequestsAreTheSameHoweverTheyAreCut(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let stream = RequestStream(count: 1 + random.below(12), using: &random)
    let peer = Peer(answer: Response.echo)
    feed(stream.bytes, to: peer, &random)
    #expect(seen(peer) == stream.requests)
    #expect(!peer.isClosed)
    #expect(peer.output.ranges(of: "HTTP/1.1 200 OK\r\n").count == stream.requests.count)
  }

  @Test(arguments: 0..<60)
  func answersKeepTheOrderWheneverTheyAreGiven(seed: UInt64) {
    var random = SeededRandom(seed: 1000 + seed)
    let stream = RequestStream(count: 60, using: &random)
    var limits = ServerLimits()
    limits.pipelined = 1 + random.below(10)
    let peer = Peer(limits: limits)
    var rest = stream.bytes[...]
    var answered: Set<Int> = []
    while answered.count < stream.requests.count {
      let open = peer.requests.indices.filter { !answered.contains($0) }
      if let index = open.randomElement(using: &random), random.chance(60) {
        answered.insert(index)
        peer.respond(to: index, Response(.ok, headers: ["X-Number": "\(index)"]))
      } else if peer.connection.wantsInput, !rest.isEmpty {
        peer.feed(Array(rest.prefix(500)))
        rest = rest.dropFirst(500)
      }
      #expect(peer.requests.count - answered.count <= limits.pipelined)
    }
    #expect(seen(peer) == stream.requests)
    let numbers = peer.output.split(separator: "\r\n").filter { $0.hasPrefix("X-Number: ") }
    #expect(numbers.map { String($0.dropFirst(10)) } == stream.requests.indices.map { "\($0)" })
  }

  @Test(arguments: 0..<400)
  func spoiltInputEndsInRequestsOrOneErrorHoweverItIsCut(seed: UInt64) {
    var random = SeededRandom(seed: 2000 + seed)
    var bytes = RequestStream(count: 1 + random.below(5), using: &random).bytes
    for _ in 0...random.below(4) { spoil(&bytes, &random) }
    let whole = Peer(answer: Response.echo)
    whole.feed(bytes)
    whole.end()
    let cut = Peer(answer: Response.echo)
    feed(bytes, to: cut, &random)
    cut.end()
    #expect(seen(whole) == seen(cut))
    #expect(whole.output == cut.output)
    #expect(whole.isClosed && cut.isClosed)
    let answers = whole.output.ranges(of: "HTTP/1.1 ").count
    #expect(answers - whole.requests.count == 0 || answers - whole.requests.count == 1)
  }

  @Test(arguments: 0..<100)
  func noiseIsRefused(seed: UInt64) {
    var random = SeededRandom(seed: 3000 + seed)
    let peer = Peer(answer: Response.echo)
    feed((0..<200).map { _ in UInt8(random.below(256)) }, to: peer, &random)
    peer.end()
    #expect(peer.requests.isEmpty)
    #expect(peer.output.hasPrefix("HTTP/1.1 400 "))
    #expect(peer.isClosed)
  }

  /// Changes, drops, doubles or inserts something, rather often what matters.
  private func spoil(_ bytes: inout [UInt8], _ random: inout SeededRandom) {
    guard !bytes.isEmpty else { return }
    let place = random.below(bytes.count)
    switch random.below(6) {
    case 0: bytes[place] = UInt8(random.below(256))
    case 1: bytes[place] = Array("\r\n\t :;\0,%+0".utf8)[random.below(11)]
    case 2: bytes.remove(at: place)
    case 3: bytes.insert(bytes[place], at: place)
    case 4: bytes.removeSubrange(place..<min(bytes.count, place + random.below(50)))
    default:
      let insertions = [
        "\r\n", "\n", "\r", " ", "0\r\n\r\n", "\r\nContent-Length: 5\r\n", "HTTP/1.0",
        "\r\nTransfer-Encoding: chunked\r\n", "\r\nConnection: close\r\n", "\r\nHost: b\r\n",
      ]
      bytes.insert(contentsOf: insertions[random.below(insertions.count)].utf8, at: place)
    }
  }
}
