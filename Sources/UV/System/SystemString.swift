import Glibc

/// Bytes that the system calls a string: a variable, a path, an argument. They are UTF-8 by habit
/// and not by rule, and go through here as they are; in messages what is not UTF-8 is written as
/// `\xE9`.
package struct SystemString: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The bytes, without the NUL that ends them in C.
  package let bytes: [UInt8]

  /// Takes bytes as they are.
  package init(bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// The bytes of a text, in UTF-8.
  package init(_ text: String) {
    bytes = Array(text.utf8)
  }

  /// Copies a string of C.
  init(_ pointer: UnsafePointer<CChar>) {
    bytes = Array(UnsafeRawBufferPointer(start: pointer, count: strlen(pointer)))
  }

  /// The text, where the bytes are UTF-8.
  package var text: String? { String(validating: bytes, as: UTF8.self) }

  /// For people; two strings may look the same.
  package var description: String {
    if let text { return text }
    return bytes.utf8Parts.map { part in
      switch part {
      case .text(let text): text
      case .byte(let byte): "\\x" + String(byte, radix: 16, uppercase: true)
      }
    }.joined()
  }

  /// By their bytes.
  package static func < (one: SystemString, other: SystemString) -> Bool {
    one.bytes.lexicographicallyPrecedes(other.bytes)
  }

  /// Hands the bytes over with a NUL behind them.
  func withCString<Value>(_ body: (UnsafePointer<CChar>) -> Value) -> Value {
    (bytes + [0]).withUnsafeBufferPointer { bytes in
      bytes.withMemoryRebound(to: CChar.self) { characters in
        guard let start = characters.baseAddress else { preconditionFailure("there is a NUL") }
        return body(start)
      }
    }
  }
}

extension SystemString: ExpressibleByStringInterpolation {
  package init(stringLiteral text: String) {
    self.init(text)
  }
}

/// A stretch of bytes that is UTF-8, or one byte that is not.
enum UTF8Part {
  case text(String)
  case byte(UInt8)
}

extension [UInt8] {
  /// The bytes in order, with each byte that is part of no character apart.
  var utf8Parts: [UTF8Part] {
    var parts: [UTF8Part] = []
    var text = ""
    var rest = self[...]
    while let first = rest.first {
      let length = Swift.min(4, rest.count)
      let character = (1...length).lazy.compactMap { count in
        String(validating: rest.prefix(count), as: UTF8.self).map { ($0, count) }
      }.first
      if let (character, count) = character {
        text += character
        rest = rest.dropFirst(count)
      } else {
        if !text.isEmpty { parts.append(.text(text)) }
        text = ""
        parts.append(.byte(first))
        rest = rest.dropFirst()
      }
    }
    if !text.isEmpty { parts.append(.text(text)) }
    return parts
  }
}
