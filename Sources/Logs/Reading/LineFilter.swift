import Basics
import CLinux
import Glibc

/// Which lines a search wants.
struct LineFilter {
  /// Only lines from there; nil: all.
  let stream: LogStream?
  /// Only lines whose message holds these bytes; empty: all.
  let text: [UInt8]

  /// A filter of the lines that match; nil if all do.
  init?(stream: LogStream?, text: String?) {
    guard stream != nil || text?.isEmpty == false else { return nil }
    self.stream = stream
    self.text = text.map { Array($0.utf8) } ?? []
  }

  /// Calls `body` with the beginning and end of each line that matches.
  ///
  /// - Parameters:
  ///   - bytes: whole lines; only the last one may lack its newline.
  func forEachMatch(
    in bytes: UnsafeRawPointer, _ length: Int, _ body: (_ start: Int, _ end: Int) -> Void
  ) {
    text.withUnsafeBytes { text in
      var at = 0
      while at < length {
        var start = at
        var hit = at
        // The text is looked for in all lines at once: most searches match few of them.
        if text.count > 0 {
          guard let found = find(text, bytes + at, length - at) else { return }
          hit = at + found
          start = Newlines.last(bytes + at, found).map { at + $0 + 1 } ?? at
        }
        let end = Newlines.first(bytes + hit, length - hit).map { hit + $0 } ?? length
        if matches(bytes + start, end - start, text, hit: hit - start) { body(start, end) }
        at = end + 1
      }
    }
  }

  /// Whether a line matches whose end has not come yet.
  func matches(_ line: PartialLine) -> Bool {
    let whole = line.prefix + line.text
    var matches = false
    whole.withUnsafeBytes { bytes in
      guard let start = bytes.baseAddress else { return }
      forEachMatch(in: start, bytes.count) { _, _ in matches = true }
    }
    return matches
  }

  /// Whether a line matches that has been taken apart.
  func matches(_ line: LogLine) -> Bool {
    if let stream, stream != line.stream { return false }
    return text.withUnsafeBytes { text in
      line.text.withUnsafeBytes { bytes in
        guard text.count > 0 else { return true }
        guard let start = bytes.baseAddress else { return false }
        return find(text, start, bytes.count) != nil
      }
    }
  }

  /// Whether a line that holds the text somewhere has it in its message, and is from the stream
  /// that is wanted.
  private func matches(
    _ line: UnsafeRawPointer, _ length: Int, _ text: UnsafeRawBufferPointer, hit: Int
  ) -> Bool {
    let parts = LineParts(line, length)
    if let stream, stream != parts.stream { return false }
    // A text with a newline in it is in no line, though it is found across two.
    guard hit + text.count <= length else { return false }
    if hit >= parts.message { return true }
    return find(text, line + parts.message, length - parts.message) != nil
  }

  private func find(
    _ text: UnsafeRawBufferPointer, _ bytes: UnsafeRawPointer, _ length: Int
  ) -> Int? {
    guard let start = text.baseAddress, let found = memmem(bytes, length, start, text.count)
    else { return nil }
    return UnsafeRawPointer(found) - bytes
  }
}
