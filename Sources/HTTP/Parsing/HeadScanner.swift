/// Reads the request line and the header fields, byte by byte, as strictly as RFC 9112 allows.
///
/// http-parser takes much that other programs understand differently (bare CR and LF, blanks in
/// names, folded lines, any byte for the last LF of a header), and such differences are how
/// requests are smuggled past a proxy. So it gets to see a header only once this has passed it.
struct HeadScanner {
  enum State {
    /// In the method, the target or the version of the request line.
    case method, target, version
    /// After the CR of the request line.
    case requestLineFeed
    /// At the first byte of a line of the header.
    case lineStart
    /// In a field's name.
    case name
    /// After the colon, in the blanks before the value.
    case beforeValue
    /// In a field's value.
    case value
    /// After the CR of a field.
    case fieldLineFeed
    /// After the CR of the empty line that ends the header.
    case lastLineFeed
  }

  var state: State
  let limits: ServerLimits

  /// All bytes so far, as they came.
  private(set) var bytes: [UInt8] = []
  /// Where the parts lie in `bytes`.
  var fields: [Headers.Field] = []
  var method = 0..<0
  var target = 0..<0
  var version = 0..<0
  /// The name of the field under way, and where its value begins.
  var name = 0..<0
  var valueStart = 0
  /// Where the header begins in `bytes`, after the request line.
  var headerStart = 0

  /// At the beginning of a request line.
  init(limits: ServerLimits) {
    self.limits = limits
    self.state = .method
  }

  /// At the beginning of a trailer section, which has the form of header fields.
  init(trailersWithin limits: ServerLimits) {
    self.limits = limits
    self.state = .lineStart
  }

  /// Reads on from `position` and moves it; true once the empty line has been read, with the
  /// position right after it. Throws what to answer at the first byte that is wrong.
  mutating func scan(
    _ input: UnsafeRawBufferPointer, from position: inout Int
  ) throws(Refusal) -> Bool {
    let start = position
    // The offset in `bytes` of the input's byte 0.
    let base = bytes.count - start
    if fields.isEmpty { fields.reserveCapacity(8) }
    defer { bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: input[start..<position])) }
    return try scan(input, &position, base)
  }

  /// Whether the method is `HEAD`, as far as it is known.
  var isHead: Bool { bytes[method].elementsEqual("HEAD".utf8) }

  /// Leaves the blanks after a value out of it; for a header that is complete.
  mutating func trimValues() {
    for index in fields.indices {
      var value = fields[index].value
      while let last = value.last, bytes[last] == .space || bytes[last] == .tab {
        value.removeLast()
      }
      fields[index].value = value
    }
  }

  private mutating func scan(
    _ input: UnsafeRawBufferPointer, _ position: inout Int, _ base: Int
  ) throws(Refusal) -> Bool {
    while position < input.count {
      let byte = input[position]
      let offset = base + position
      switch state {
      case .method, .target, .version, .requestLineFeed:
        try scanRequestLine(byte, offset)
        position += 1
      case .lineStart, .name, .beforeValue, .value, .fieldLineFeed, .lastLineFeed:
        guard offset - headerStart < limits.headerBytes else { throw headerTooLarge }
        if state == .value || state == .name {
          // The bulk of a header: straight to the byte that ends the run.
          let end = min(input.count, headerStart + limits.headerBytes - base)
          if state == .value {
            while position < end, input[position].isFieldValueCharacter { position += 1 }
          } else {
            while position < end, input[position].isTokenCharacter { position += 1 }
          }
          if position == end { continue }
        }
        if try scanField(input[position], base + position) {
          position += 1
          return true
        }
        position += 1
      }
    }
    return false
  }
}
