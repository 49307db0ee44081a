import Basics

/// The text of the file:
/// ```
/// exeio line numbers 1
/// epoch 7f3a91c2
/// next 48212
/// file INODE FIRST BYTES LINES CHECK
/// ```
/// The check may be `-`: there is none. `torn` stands behind the check of a file whose last line
/// has no newline.
extension NumbersFile {
  private static let title = "exeio line numbers 1"
  private static let torn = "torn"
  fileprivate static let unchecked = "-"

  var text: String {
    var lines = [Self.title, "epoch \(LogCursor.text(of: epoch))"]
    if let next { lines.append("next \(next)") }
    for entry in entries {
      let count = entry.count
      let check = entry.check.map { String($0, radix: 16) } ?? Self.unchecked
      lines.append(
        "file \(entry.inode) \(entry.first) \(count.bytes) \(count.lines) \(check)"
          + (count.endsInNewline ? "" : " \(Self.torn)"))
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Reads the text; nil if it is no such text, or says what cannot be.
  init?(_ bytes: [UInt8]) {
    guard bytes.last == Newlines.byte else { return nil }
    let lines = bytes.split(separator: Newlines.byte, omittingEmptySubsequences: false).dropLast()
      .map { $0.split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) } }
    guard lines.first?.joined(separator: " ") == Self.title, lines.count >= 2,
      lines[1].count == 2, lines[1][0] == "epoch", let epoch = LogCursor.epoch(lines[1][1])
    else { return nil }
    self.init(epoch: epoch, next: nil, entries: [])
    for (place, words) in lines.enumerated().dropFirst(2) {
      if words.first == "next", place == 2, words.count == 2 {
        guard let next = Self.number(words[1]), next >= 1 else { return nil }
        self.next = next
      } else {
        guard let entry = Entry(words) else { return nil }
        entries.append(entry)
      }
    }
    guard isInOrder else { return nil }
  }

  /// Whether no number is told of twice.
  private var isInOrder: Bool {
    var end = 1
    for entry in entries {
      guard entry.first >= end else { return false }
      end = entry.next
    }
    return next.map { $0 >= end } ?? !entries.isEmpty
  }

  fileprivate static func number(_ text: String) -> Int? {
    guard text.utf8.allSatisfy(\.isDigit), let number = Int(text), number <= LogCursor.largestNumber
    else {
      return nil
    }
    return number
  }
}

extension NumbersFile.Entry {
  fileprivate init?(_ words: [String]) {
    guard words.count == 6 || words.count == 7, words[0] == "file", let inode = UInt64(words[1]),
      let first = NumbersFile.number(words[2]), first >= 1,
      let bytes = NumbersFile.number(words[3]), let lines = NumbersFile.number(words[4])
    else { return nil }
    let check = UInt64(words[5], radix: 16)
    guard check != nil || words[5] == NumbersFile.unchecked else { return nil }
    let isTorn = words.count == 7
    guard !isTorn || words[6] == "torn", lines <= bytes, lines > 0 || !isTorn,
      first + lines <= LogCursor.largestNumber
    else { return nil }
    let count = LineCount(
      bytes: bytes, newlines: lines - (isTorn ? 1 : 0), endsInNewline: !isTorn)
    self.init(inode: inode, first: first, count: count, check: check)
  }
}
