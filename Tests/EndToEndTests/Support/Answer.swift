import Foundation

/// An HTTP answer, as a client sees it.
struct Answer {
  var status: Int
  /// By name in small letters.
  var headers: [String: String] = [:]
  var body: [UInt8] = []

  init(head: String) throws {
    let lines = head.split(separator: "\r\n")
    let statusLine = lines.first?.split(separator: " ") ?? []
    guard statusLine.count >= 2, statusLine[0] == "HTTP/1.1", let status = Int(statusLine[1]) else {
      throw NeverHappened(description: "not an HTTP answer: \(head)")
    }
    self.status = status
    for line in lines.dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2 else { throw NeverHappened(description: "not a header: \(line)") }
      headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
    }
  }

  var text: String { String(decoding: body, as: UTF8.self) }

  /// The body as JSON.
  func json() throws -> Any {
    try JSONSerialization.jsonObject(with: Data(body))
  }

  /// The body as a JSON object.
  func object() throws -> [String: Any] {
    guard let object = try json() as? [String: Any] else {
      throw NeverHappened(description: "not a JSON object: \(text)")
    }
    return object
  }

  /// The body as an array of JSON objects.
  func list() throws -> [[String: Any]] {
    guard let list = try json() as? [[String: Any]] else {
      throw NeverHappened(description: "not a JSON array of objects: \(text)")
    }
    return list
  }

  var message: String {
    get throws { try object()["message"] as? String ?? "" }
  }
}
