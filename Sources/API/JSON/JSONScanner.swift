import Basics

/// Walks through a JSON text once, and makes values of it.
struct JSONScanner {
  let bytes: [UInt8]
  /// The byte that is looked at next.
  var index = 0
  private var depth = 0

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// Scans the whole text: one value, with nothing but white space around it.
  mutating func document() throws(JSONSyntaxError) -> JSONValue {
    skipWhiteSpace()
    let value = try value(orElse: "a JSON value")
    skipWhiteSpace()
    guard index == bytes.count else { throw failure(expected: "nothing after the value") }
    return value
  }

  /// Scans one value; `expected` says what the place could hold where none begins.
  private mutating func value(orElse expected: String) throws(JSONSyntaxError) -> JSONValue {
    guard let byte = peek() else { throw failure(expected: expected) }
    switch byte {
    case UInt8(ascii: "{"): return .object(try object())
    case UInt8(ascii: "["): return .array(try array())
    case UInt8(ascii: "\""): return .string(text(of: try string()))
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
      return .number(ExactNumber(try number()))
    case UInt8(ascii: "t"): return try literal("true", .boolean(true))
    case UInt8(ascii: "f"): return try literal("false", .boolean(false))
    case UInt8(ascii: "n"): return try literal("null", .null)
    default: throw failure(expected: expected)
    }
  }

  private mutating func object() throws(JSONSyntaxError) -> [String: JSONValue] {
    try enter()
    defer { depth -= 1 }
    var members: [String: JSONValue] = [:]
    skipWhiteSpace()
    if skip(UInt8(ascii: "}")) { return members }
    var expected = "a member name in double quotes or '}'"
    repeat {
      skipWhiteSpace()
      guard peek() == UInt8(ascii: "\"") else { throw failure(expected: expected) }
      let start = index
      let name = text(of: try string())
      guard members[name] == nil else {
        throw failure(
          at: start, expected: "each name once in an object", found: "\(quoted(name)) again")
      }
      skipWhiteSpace()
      guard skip(UInt8(ascii: ":")) else { throw failure(expected: "':' after the member name") }
      skipWhiteSpace()
      members[name] = try value(orElse: "a value")
      skipWhiteSpace()
      expected = "a member name in double quotes after ','"
    } while skip(UInt8(ascii: ","))
    guard skip(UInt8(ascii: "}")) else { throw failure(expected: "',' or '}'") }
    return members
  }

  private mutating func array() throws(JSONSyntaxError) -> [JSONValue] {
    try enter()
    defer { depth -= 1 }
    var elements: [JSONValue] = []
    let start = index
    var room = Self.fewElements
    skipWhiteSpace()
    if skip(UInt8(ascii: "]")) { return elements }
    var expected = "a value or ']'"
    repeat {
      skipWhiteSpace()
      elements.append(try value(orElse: expected))
      if elements.count == room {
        room *= Self.growth
        reserve(room, in: &elements, since: start)
      }
      skipWhiteSpace()
      expected = "a value after ','"
    } while skip(UInt8(ascii: ","))
    guard skip(UInt8(ascii: "]")) else { throw failure(expected: "',' or ']'") }
    return elements
  }

  /// What an array has before room is made for more, and by how much that grows each time.
  private static let (fewElements, growth) = (2048, 4)

  /// Makes room for what the rest of the text may have, if it is as long as what there is, but for
  /// no more than so many: an array that grows by itself is copied each time it has doubled, into
  /// memory that is new to the process.
  private func reserve(_ most: Int, in elements: inout [JSONValue], since start: Int) {
    let bytesOfEach = max(2, (index - start) / elements.count)
    let estimate = elements.count + (bytes.count - index) / bytesOfEach + 1
    elements.reserveCapacity(min(most, estimate))
  }

  private mutating func literal(
    _ word: String, _ value: JSONValue
  ) throws(JSONSyntaxError) -> JSONValue {
    for byte in word.utf8 {
      guard skip(byte) else { throw failure(expected: "'\(word)'") }
    }
    return value
  }

  private mutating func enter() throws(JSONSyntaxError) {
    guard depth < JSONReader.maxDepth else {
      throw failure(
        at: index, expected: "at most \(JSONReader.maxDepth) arrays and objects in one another",
        found: "one more")
    }
    depth += 1
    index += 1
  }

  /// The next byte, nil at the end.
  func peek() -> UInt8? {
    index < bytes.count ? bytes[index] : nil
  }

  /// Steps over the next byte if it is this one, and says whether it was.
  mutating func skip(_ byte: UInt8) -> Bool {
    guard peek() == byte else { return false }
    index += 1
    return true
  }

  /// Steps over a number, `true`, `false` or `null` in a text that is known to be JSON.
  mutating func skipScalar() {
    while let byte = peek(), byte.isDigit || byte.isLetter || Self.numberSigns.contains(byte) {
      index += 1
    }
  }

  private static let numberSigns = "+-.".utf8

  mutating func skipWhiteSpace() {
    while let byte = peek(), byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      index += 1
    }
  }
}
