import Basics

extension HeadScanner {
  /// One byte of the request line.
  mutating func scanRequestLine(_ byte: UInt8, _ offset: Int) throws(Refusal) {
    switch state {
    case .method: try scanMethod(byte, offset)
    case .target: try scanTarget(byte, offset)
    case .version: try scanVersion(byte, offset)
    case .requestLineFeed:
      guard byte == .lineFeed else { throw bareCarriageReturn }
      headerStart = offset + 1
      state = .lineStart
    case .lineStart, .name, .beforeValue, .value, .fieldLineFeed, .lastLineFeed:
      preconditionFailure("the request line is over: \(state)")
    }
  }

  /// One byte of a header line; true when it ended the header.
  mutating func scanField(_ byte: UInt8, _ offset: Int) throws(Refusal) -> Bool {
    switch state {
    case .lineStart: try beginLine(byte, offset)
    case .name:
      guard byte == UInt8(ascii: ":") else { throw badName(byte) }
      name = name.lowerBound..<offset
      state = .beforeValue
    case .beforeValue: try beginValue(byte, offset)
    case .value:
      guard byte == .carriageReturn else { throw badValue(byte) }
      endValue(offset)
    case .fieldLineFeed:
      guard byte == .lineFeed else { throw bareCarriageReturn }
      state = .lineStart
    case .lastLineFeed:
      guard byte == .lineFeed else { throw bareCarriageReturn }
      return true
    case .method, .target, .version, .requestLineFeed:
      preconditionFailure("the header has not begun: \(state)")
    }
    return false
  }

  private mutating func scanMethod(_ byte: UInt8, _ offset: Int) throws(Refusal) {
    if byte == .space, offset > 0 {
      method = 0..<offset
      state = .target
    } else if !byte.isTokenCharacter || offset >= Self.longestMethod {
      throw malformedRequestLine
    }
  }

  private mutating func scanTarget(_ byte: UInt8, _ offset: Int) throws(Refusal) {
    let start = method.upperBound + 1
    if byte == .space, offset > start {
      target = start..<offset
      state = .version
    } else if !byte.isTargetCharacter {
      throw malformedRequestLine
    } else if offset - start >= limits.targetBytes {
      throw Refusal(
        status: .uriTooLong,
        message: "the request target is longer than \(limits.targetBytes) bytes",
        isMidMessage: true)
    }
  }

  private mutating func scanVersion(_ byte: UInt8, _ offset: Int) throws(Refusal) {
    let start = target.upperBound + 1
    let end = start + Self.versionForm.utf8CodeUnitCount
    if byte == .carriageReturn, offset == end {
      version = start..<offset
      state = .requestLineFeed
      return
    }
    guard offset < end else { throw malformedRequestLine }
    let expected = Self.versionForm.utf8Start[offset - start]
    guard byte == expected || (expected == UInt8(ascii: "0") && byte.isDigit) else {
      throw malformedRequestLine
    }
  }

  private mutating func beginLine(_ byte: UInt8, _ offset: Int) throws(Refusal) {
    if byte.isTokenCharacter {
      name = offset..<offset
      state = .name
    } else if byte == .carriageReturn {
      state = .lastLineFeed
    } else if byte == .space || byte == .tab {
      throw .badRequest("a header line begins with a blank (obsolete line folding)")
    } else {
      throw badName(byte)
    }
  }

  /// Steps over a blank in front of the value, or begins the value.
  private mutating func beginValue(_ byte: UInt8, _ offset: Int) throws(Refusal) {
    if byte == .space || byte == .tab { return }
    valueStart = offset
    if byte == .carriageReturn {
      endValue(offset)
    } else if byte.isFieldValueCharacter {
      state = .value
    } else {
      throw badValue(byte)
    }
  }

  private mutating func endValue(_ offset: Int) {
    fields.append(Headers.Field(name: name, value: valueStart..<offset))
    state = .fieldLineFeed
  }
}
