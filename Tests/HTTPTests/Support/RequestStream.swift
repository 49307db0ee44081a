import TestSupport

/// A stream of valid requests, and what a server must see of them.
struct RequestStream {
  struct Expected: Equatable {
    var method: String
    var target: String
    var fields: [String]
    var body: [UInt8]
  }

  private(set) var bytes: [UInt8] = []
  private(set) var requests: [Expected] = []

  /// So many requests, all drawn from `random`.
  init(count: Int, using random: inout SeededRandom) {
    for _ in 0..<count { addRequest(&random) }
  }

  private mutating func addRequest(_ random: inout SeededRandom) {
    let method = ["GET", "HEAD", "POST", "DELETE", "OPTIONS"][random.below(5)]
    let target = "/" + Self.text(random.below(40), "abcXYZ019-._~/?=&+", &random)
    var lines = ["Host: localhost:8080"]
    for _ in 0..<random.below(8) {
      let name = "X-" + Self.text(1 + random.below(20), "abcXYZ019-._~!#$&'*+^`|", &random)
      lines.append(name + ": " + Self.text(random.below(60), "abc XYZ\t019;,=\"é:", &random))
    }
    var body: [UInt8] = []
    var framed: [UInt8] = []
    if random.chance(60) {
      body = (0..<random.below(300)).map { _ in UInt8(random.below(256)) }
      if random.chance(50) {
        lines.append("Content-Length: \(body.count)")
        framed = body
      } else {
        lines.append("Transfer-Encoding: chunked")
        framed = Self.chunked(body, &random)
      }
    }
    if random.chance(30) { bytes += "\r\n".utf8 }
    bytes += "\(method) \(target) HTTP/1.1\r\n".utf8
    for line in lines { bytes += "\(line)\r\n".utf8 }
    bytes += "\r\n".utf8
    bytes += framed
    requests.append(
      Expected(
        method: method, target: target,
        fields: lines.map { Self.trimmed($0) }, body: body))
  }

  private static func chunked(_ body: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
    var framed: [UInt8] = []
    var rest = body[...]
    while !rest.isEmpty {
      let chunk = rest.prefix(1 + random.below(100))
      rest = rest.dropFirst(chunk.count)
      framed += String(repeating: "0", count: random.below(3)).utf8
      framed += String(chunk.count, radix: 16, uppercase: random.chance(50)).utf8
      if random.chance(20) { framed += ";name=value".utf8 }
      framed += "\r\n".utf8
      framed += chunk
      framed += "\r\n".utf8
    }
    framed += "0\r\n".utf8
    if random.chance(30) { framed += "Trailer: x\r\nContent-Length: 7\r\n".utf8 }
    framed += "\r\n".utf8
    return framed
  }

  private static func text(
    _ count: Int, _ alphabet: String, _ random: inout SeededRandom
  ) -> String {
    let characters = Array(alphabet)
    return String((0..<count).map { _ in characters[random.below(characters.count)] })
  }

  /// A field without the blanks around its value.
  private static func trimmed(_ line: String) -> String {
    let colon = line.firstIndex(of: ":") ?? line.endIndex
    var value = line[colon...].dropFirst()
    while value.first == " " || value.first == "\t" { value.removeFirst() }
    while value.last == " " || value.last == "\t" { value.removeLast() }
    return "\(line[..<colon]): \(value)"
  }
}
