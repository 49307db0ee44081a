import Foundation
import Glibc

/// A blocking TCP or Unix client socket, for tests that say every byte themselves.
final class TestSocket {
  private let descriptor: Int32
  private var buffer: [UInt8] = []

  struct Failure: Error, CustomStringConvertible {
    var description: String
  }

  /// Connects to 127.0.0.1.
  init(port: UInt16) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let status = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard status == 0 else {
      close(descriptor)
      throw Failure(description: "connect to port \(port): \(String(cString: strerror(errno)))")
    }
  }

  /// Connects to a Unix socket.
  init(path: String) throws {
    descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix(107)) }
    let status = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard status == 0 else {
      close(descriptor)
      throw Failure(description: "connect to \(path): \(String(cString: strerror(errno)))")
    }
  }

  deinit {
    close(descriptor)
  }

  func send(_ text: String) throws {
    try send(Array(text.utf8))
  }

  func send(_ bytes: [UInt8]) throws {
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else {
        throw Failure(description: "send: \(String(cString: strerror(errno)))")
      }
      sent += count
    }
  }

  func finishSending() {
    shutdown(descriptor, Int32(SHUT_WR))
  }

  /// The next bytes; empty at the end.
  func receive() throws -> [UInt8] {
    var chunk = [UInt8](repeating: 0, count: 65536)
    let count = recv(descriptor, &chunk, chunk.count, 0)
    guard count >= 0 else {
      throw Failure(description: "recv: \(String(cString: strerror(errno)))")
    }
    return Array(chunk.prefix(count))
  }

  /// Everything up to the end of the connection.
  func receiveAll() throws -> String {
    while true {
      let chunk = try receive()
      if chunk.isEmpty { break }
      buffer += chunk
    }
    defer { buffer = [] }
    return String(decoding: buffer, as: UTF8.self)
  }

  /// One answer with a `Content-Length`. What follows it stays for the next call.
  func receiveAnswer(toHead: Bool = false) throws -> Answer {
    let separator = Array("\r\n\r\n".utf8)
    while true {
      if let end = buffer.firstRange(of: separator) {
        let head = String(decoding: buffer[..<end.lowerBound], as: UTF8.self)
        var answer = try Answer(head: head)
        if answer.status == 100 {
          buffer.removeSubrange(..<end.upperBound)
          return answer
        }
        let length = toHead ? 0 : Int(answer.headers["content-length"] ?? "") ?? 0
        if buffer.count >= end.upperBound + length {
          answer.body = Array(buffer[end.upperBound..<end.upperBound + length])
          buffer.removeSubrange(..<(end.upperBound + length))
          return answer
        }
      }
      let chunk = try receive()
      guard !chunk.isEmpty else {
        throw Failure(
          description: "the connection ended within an answer: "
            + String(decoding: buffer, as: UTF8.self))
      }
      buffer += chunk
    }
  }
}
