import Glibc
import TestSupport

@testable import UV

/// A name server on the loop of a test: it answers over UDP and TCP what the test says, and notes
/// what it is asked.
final class FakeNameServer {
  /// What it does with a question for a name.
  indirect enum Reply {
    case addresses([String])
    /// Stands for another name, whose addresses are given along with it.
    case alias(String, Reply)
    /// The name is there, and has no address.
    case nothing
    case noSuchName
    /// An error by its number: 2 is SERVFAIL, 5 REFUSED.
    case error(UInt8)
    case silence
    /// Over UDP only that it does not fit.
    case truncated(Reply)
    /// Says nothing of IPv6, not even that there is no address.
    case silenceForIPv6(Reply)
  }

  let port: UInt16
  var replies: [String: Reply] = [:]
  /// What is done with all other names.
  var otherwise = Reply.noSuchName
  /// What it was asked: `name A`, `name AAAA`, with ` TCP` where that was used.
  private(set) var questions: [String] = []

  private let watch: DescriptorWatch
  private let listener: Listener
  private var streams: [UV.Stream] = []

  /// Listens.
  ///
  /// - Parameter port: 0 for any that is free for UDP and TCP.
  init(on loop: Loop, address: String = "127.0.0.1", port: UInt16 = 0) throws {
    let accepted = Accepted()
    let (descriptor, listener) = try Self.listen(on: loop, address, port, accepted)
    self.listener = listener
    self.port = listener.port ?? 0
    watch = try DescriptorWatch(descriptor, on: loop)
    accepted.body = { [unowned self] in serve($0) }
    watch.whenReadable { [unowned self] in receive() }
    watch.watch()
  }

  /// What is done with a connection: it is known only after the listener is there.
  private final class Accepted {
    var body: (UV.Stream) -> Void = { $0.close() }
  }

  private static func listen(
    on loop: Loop, _ host: String, _ port: UInt16, _ accepted: Accepted
  ) throws -> (Int32, Listener) {
    var attempts = 0
    while true {
      let kind = SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
      let descriptor = try UVError.system("make a socket") { socket(AF_INET, Int32(kind), 0) }
      do {
        let wanted = try address("\(host):\(port)")
        try UVError.system("bind", host) { wanted.withPointer { bind(descriptor, $0, $1) } }
        let number = try SocketAddress(boundBy: descriptor).port ?? 0
        let listeners = try Listener.tcp(host: host, port: number, on: loop) { accepted.body($0) }
        return (descriptor, listeners[0])
      } catch {
        // Another test may have the same number for TCP.
        Glibc.close(descriptor)
        attempts += 1
        if port != 0 || attempts == 20 { throw error }
      }
    }
  }

  private static func address(_ text: String) throws -> SocketAddress {
    guard let address = SocketAddress(numeric: text) else {
      throw UVError(code: -EINVAL, operation: "read", subject: text)
    }
    return address
  }

  /// Is there no more.
  func close() {
    watch.close()
    listener.close()
    for stream in streams { stream.close() }
  }

  private func receive() {
    var buffer = [UInt8](repeating: 0, count: 512)
    // Of a `struct sockaddr_in`.
    var sender = [UInt8](repeating: 0, count: 16)
    var size = socklen_t(sender.count)
    while true {
      let count = sender.withUnsafeMutableBytes {
        recvfrom(
          watch.descriptor, &buffer, buffer.count, 0,
          $0.baseAddress?.assumingMemoryBound(to: sockaddr.self), &size)
      }
      guard count > 0 else { return }
      guard let answer = answer(Array(buffer[..<count]), isTCP: false) else { continue }
      sender.withUnsafeBytes {
        _ = sendto(
          watch.descriptor, answer, answer.count, 0,
          $0.baseAddress?.assumingMemoryBound(to: sockaddr.self), size)
      }
    }
  }

  private func serve(_ stream: UV.Stream) {
    streams.append(stream)
    var received: [UInt8] = []
    stream.startReading { [unowned self] bytes in
      bytes.withUnsafeBytes { received.append(contentsOf: $0) }
      while received.count > 2 {
        let length = Int(received[0]) << 8 | Int(received[1])
        guard received.count >= 2 + length else { return }
        if let answer = answer(Array(received[2..<(2 + length)]), isTCP: true) {
          stream.write([UInt8(answer.count >> 8), UInt8(answer.count & 255)] + answer)
        }
        received.removeFirst(2 + length)
      }
    } onEnd: { _ in
      stream.close()
    }
  }

  /// The answer to a message with one question (RFC 1035, 4).
  private func answer(_ message: [UInt8], isTCP: Bool) -> [UInt8]? {
    var labels: [String] = []
    var at = 12
    while message[at] != 0 {
      labels.append(String(decoding: message[(at + 1)...(at + Int(message[at]))], as: UTF8.self))
      at += 1 + Int(message[at])
    }
    let type = Int(message[at + 1]) << 8 | Int(message[at + 2])
    let name = labels.joined(separator: ".")
    questions.append("\(name) \(type == 1 ? "A" : "AAAA")\(isTCP ? " TCP" : "")")
    let question = Array(message[12..<(at + 5)])
    return answer(replies[name] ?? otherwise, message, question, type, isTCP)
  }

  private func answer(
    _ reply: Reply, _ message: [UInt8], _ question: [UInt8], _ type: Int, _ isTCP: Bool
  ) -> [UInt8]? {
    var (code, isCut, records): (UInt8, Bool, [[UInt8]]) = (0, false, [])
    switch reply {
    case .silence: return nil
    case .noSuchName: code = 3
    case .error(let number): code = number
    case .nothing: break
    case .truncated(let whole):
      if isTCP { return answer(whole, message, question, type, isTCP) }
      isCut = true
    case .silenceForIPv6(let other):
      return type == 1 ? answer(other, message, question, type, isTCP) : nil
    case .addresses(let addresses): records = Self.records([0xC0, 12], addresses, type)
    case .alias(let target, let other):
      let name: [UInt8] =
        target.split(separator: ".").reduce(into: []) { bytes, label in
          bytes += [UInt8(label.utf8.count)] + Array(label.utf8)
        } + [0]
      records = [[0xC0, 12] + Self.header(5, name.count) + name]
      if case .addresses(let addresses) = other { records += Self.records(name, addresses, type) }
    }
    let flags: [UInt8] = [0x81 | (isCut ? 2 : 0), 0x80 | code]
    let counts: [UInt8] = [0, 1, 0, UInt8(records.count), 0, 0, 0, 0]
    return Array(message[..<2]) + flags + counts + question + records.joined()
  }

  private static func records(_ name: [UInt8], _ addresses: [String], _ type: Int) -> [[UInt8]] {
    addresses.compactMap { SocketAddress(numericHost: $0) }
      .filter { $0.family == (type == 1 ? AF_INET : AF_INET6) }
      .map { address in
        let bytes = type == 1 ? Array(address.mappedBytes.suffix(4)) : address.mappedBytes
        return name + header(type, bytes.count) + bytes
      }
  }

  private static func header(_ type: Int, _ length: Int) -> [UInt8] {
    [0, UInt8(type), 0, 1, 0, 0, 0, 60, UInt8(length >> 8), UInt8(length & 255)]
  }
}
