import Basics
import Glibc

/// What a line of a log file consists of, found by its bytes.
struct LineParts: Equatable {
  /// Where it came from; nil for a line that is not in our format.
  let stream: LogStream?
  /// Where its message begins; 0 for a line that is not in our format.
  let message: Int

  /// Takes a line apart.
  ///
  /// - Parameters:
  ///   - line: its first byte.
  ///   - length: without the newline.
  init(_ line: UnsafeRawPointer, _ length: Int) {
    var remainder = Remainder(start: line, length: length)
    guard remainder.skipTimestamp() else {
      self.init(stream: nil, message: 0)
      return
    }
    if remainder.skip("SYSTEM ") {
      self.init(stream: remainder.skipOrigin() ? .system : nil, message: remainder.at)
    } else if remainder.skip("STDOUT: ") {
      self.init(stream: .stdout, message: remainder.at)
    } else if remainder.skip("STDERR: ") {
      self.init(stream: .stderr, message: remainder.at)
    } else if remainder.skipRun(), remainder.skip("STDOUT: ") {
      self.init(stream: .stdout, message: remainder.at)
    } else if remainder.skip("STDERR: ") {
      self.init(stream: .stderr, message: remainder.at)
    } else {
      self.init(stream: nil, message: 0)
    }
  }

  private init(stream: LogStream?, message: Int) {
    self.stream = stream
    self.message = stream == nil ? 0 : message
  }
}

/// What is left of a line while it is taken apart.
private struct Remainder {
  let start: UnsafeRawPointer
  let length: Int
  var at = 0

  private subscript(offset: Int) -> UInt8 { start.load(fromByteOffset: offset, as: UInt8.self) }

  mutating func skip(_ text: StaticString) -> Bool {
    guard length - at >= text.utf8CodeUnitCount,
      memcmp(start + at, text.utf8Start, text.utf8CodeUnitCount) == 0
    else { return false }
    at += text.utf8CodeUnitCount
    return true
  }

  /// `[…] `: 22 bytes in our millennia.
  mutating func skipTimestamp() -> Bool {
    guard length > 2, self[0] == UInt8(ascii: "["),
      let end = memchr(start, Int32(UInt8(ascii: "]")), min(length, 32))
    else { return false }
    at = UnsafeRawPointer(end) - start
    return skip("] ")
  }

  mutating func skipRun() -> Bool {
    guard skip("RUN#") else { return false }
    while at < length, self[at].isDigit { at += 1 }
    return skip(" ")
  }

  /// The address that a system line names ends at the first colon with a space after it: those
  /// in an address have none.
  mutating func skipOrigin() -> Bool {
    while at < length, let colon = memchr(start + at, Int32(UInt8(ascii: ":")), length - at) {
      at = UnsafeRawPointer(colon) - start
      if skip(": ") { return true }
      at += 1
    }
    return false
  }
}
