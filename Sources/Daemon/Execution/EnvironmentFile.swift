import API
import Basics
import UV

/// Reads `NAME=value` lines by the rules of `EnvironmentFile=` (systemd.exec(5)).
///
/// A line that begins with `#` or `;` is a comment. Blanks around a name and around a value do not
/// count; in quotes they do. Quoted parts that follow each other are one value. Outside of quotes a
/// backslash takes the meaning from what follows; between double quotes it does so for `"`, `\`,
/// `` ` `` and `$`, between single quotes it is a character as any other. A backslash at the end of
/// a line joins the next one to it. What systemd passes over with a warning is an error here: a
/// start without a variable that the operator meant to set is worse than none. A value that is not
/// UTF-8, which systemd does not take, keeps its bytes here.
package struct EnvironmentFile {
  /// What is wrong with a file. It says nothing of the contents, which may be secret.
  package struct Malformed: Error, Equatable, CustomStringConvertible {
    /// The line, from 1, where what is wrong begins.
    package let line: Int
    /// What is wrong with it.
    package let reason: String

    /// Says what is wrong, and where.
    package init(line: Int, reason: String) {
      self.line = line
      self.reason = reason
    }

    package var description: String { "line \(line): \(reason)" }
  }

  /// The variables; of a name that stands there twice, the last value.
  package private(set) var variables: Variables = [:]

  private enum State {
    case lineStart
    case comment
    case name
    /// After `=`, or after a quoted part.
    case valueStart
    case value
    case escape
    case singleQuotes
    case doubleQuotes
    case escapeInDoubleQuotes
  }

  private var state = State.lineStart
  private var line = 1
  /// Where the present name began.
  private var firstLine = 1
  private var name: [UInt8] = []
  private var value: [UInt8] = []
  /// How much of the value stays when it ends: blanks after it go.
  private var kept = 0

  /// What execve(2) takes as one `NAME=value`, less the NUL that ends it.
  private static let longest = 128 * 1024 - 1

  /// Reads the bytes of a file; throws for the first thing that is wrong.
  package init(_ bytes: [UInt8]) throws(Malformed) {
    for byte in ByteOrderMark.passedOver(in: bytes) {
      try take(byte)
      if byte == .newline { line += 1 }
    }
    switch state {
    case .lineStart, .comment: break
    case .name: throw noValue
    case .valueStart, .value, .escape: try finish()
    case .singleQuotes, .doubleQuotes, .escapeInDoubleQuotes:
      throw Malformed(line: firstLine, reason: "a quote is not closed")
    }
  }

  private var noValue: Malformed { Malformed(line: firstLine, reason: "there is no '=' in it") }

  private mutating func take(_ byte: UInt8) throws(Malformed) {
    guard byte != 0 else { throw Malformed(line: line, reason: "there is a NUL in it") }
    switch state {
    case .lineStart: try takeAtLineStart(byte)
    case .comment: if byte.endsLine { state = .lineStart }
    case .name: try takeInName(byte)
    case .valueStart: try takeAtValueStart(byte)
    case .value: try takeInValue(byte)
    case .escape: if byte.endsLine { state = .value } else { keep(byte, then: .value) }
    case .singleQuotes:
      if byte == UInt8(ascii: "'") { state = .valueStart } else { keep(byte, then: state) }
    case .doubleQuotes: takeInDoubleQuotes(byte)
    case .escapeInDoubleQuotes: takeEscapedInDoubleQuotes(byte)
    }
  }

  private mutating func takeAtLineStart(_ byte: UInt8) throws(Malformed) {
    guard !byte.isBlank else { return }
    firstLine = line
    if byte == UInt8(ascii: "#") || byte == UInt8(ascii: ";") {
      state = .comment
    } else {
      state = .name
      try take(byte)
    }
  }

  private mutating func takeInName(_ byte: UInt8) throws(Malformed) {
    if byte.endsLine { throw noValue }
    if byte == UInt8(ascii: "=") { state = .valueStart } else { name.append(byte) }
  }

  private mutating func takeAtValueStart(_ byte: UInt8) throws(Malformed) {
    if byte.endsLine { return try finish() }
    switch byte {
    case UInt8(ascii: "'"): state = .singleQuotes
    case UInt8(ascii: "\""): state = .doubleQuotes
    case UInt8(ascii: "\\"): state = .escape
    default: if !byte.isBlank { keep(byte, then: .value) }
    }
  }

  private mutating func takeInValue(_ byte: UInt8) throws(Malformed) {
    if byte.endsLine { return try finish() }
    if byte == UInt8(ascii: "\\") {
      kept = value.count
      state = .escape
    } else if byte.isBlank {
      value.append(byte)
    } else {
      keep(byte, then: .value)
    }
  }

  private mutating func takeInDoubleQuotes(_ byte: UInt8) {
    switch byte {
    case UInt8(ascii: "\""): state = .valueStart
    case UInt8(ascii: "\\"): state = .escapeInDoubleQuotes
    default: keep(byte, then: state)
    }
  }

  private mutating func takeEscapedInDoubleQuotes(_ byte: UInt8) {
    if byte != .newline {
      if !#""\`$"#.utf8.contains(byte) { value.append(UInt8(ascii: "\\")) }
      value.append(byte)
    }
    kept = value.count
    state = .doubleQuotes
  }

  private mutating func keep(_ byte: UInt8, then next: State) {
    value.append(byte)
    kept = value.count
    state = next
  }

  /// The end of a value.
  private mutating func finish() throws(Malformed) {
    while name.last?.isBlank == true { name.removeLast() }
    let isName =
      name.first?.isDigit == false
      && name.allSatisfy { $0.isDigit || $0.isLetter || $0 == UInt8(ascii: "_") }
    guard isName else {
      let hint = name.starts(with: "export ".utf8) ? ", and 'export' is no part of it" : ""
      throw Malformed(
        line: firstLine,
        reason: "a name must be of A-Z, a-z, 0-9 and _, not beginning with a digit\(hint)")
    }
    guard name.count + 1 + kept <= Self.longest else {
      throw Malformed(line: firstLine, reason: "it takes more than \(Self.longest) bytes")
    }
    variables[SystemString(bytes: name)] = SystemString(bytes: Array(value.prefix(kept)))
    (name, value, kept, state) = ([], [], 0, .lineStart)
  }
}

extension UInt8 {
  fileprivate static var newline: UInt8 { UInt8(ascii: "\n") }
  fileprivate static var carriageReturn: UInt8 { UInt8(ascii: "\r") }
  fileprivate var endsLine: Bool { self == .newline || self == .carriageReturn }
  fileprivate var isBlank: Bool {
    self == UInt8(ascii: " ") || self == UInt8(ascii: "\t") || endsLine
  }
}
