/// Reads decimal numbers out of the small files of the kernel, byte by byte.
struct NumberScanner {
  private let bytes: UnsafeRawBufferPointer
  private var position: Int

  /// Reads from an index on.
  init(_ bytes: UnsafeRawBufferPointer, from position: Int = 0) {
    self.bytes = bytes
    self.position = position
  }

  /// The next field where it is one letter.
  mutating func letter() -> UInt8? {
    skipBlanks()
    guard position < bytes.count else { return nil }
    defer { position += 1 }
    return bytes[position]
  }

  /// Steps over so many fields.
  mutating func skip(_ count: Int) {
    for _ in 0..<count {
      skipBlanks()
      while position < bytes.count, bytes[position] > Self.blank { position += 1 }
    }
  }

  /// The next field where it is a whole number that an `Int` holds.
  mutating func number() -> Int? {
    skipBlanks()
    var isNegative = false
    if position < bytes.count, bytes[position] == UInt8(ascii: "-") {
      isNegative = true
      position += 1
    }
    let start = position
    var value = 0
    while position < bytes.count, bytes[position] > Self.blank {
      let digit = Int(bytes[position]) - Int(UInt8(ascii: "0"))
      let (product, isTooLarge) = value.multipliedReportingOverflow(by: 10)
      guard (0...9).contains(digit), !isTooLarge, product <= Int.max - digit else { return nil }
      value = product + digit
      position += 1
    }
    guard position > start else { return nil }
    return isNegative ? -value : value
  }

  /// The number after a name at the beginning of a line: `oom_kill 3` (cgroup's flat keyed files).
  static func value(of name: StaticString, in bytes: UnsafeRawBufferPointer) -> Int? {
    let name = UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
    var line = 0
    while line + name.count < bytes.count {
      let end = line + name.count
      if bytes[end] == blank, bytes[line..<end].elementsEqual(name) {
        var scanner = NumberScanner(bytes, from: end)
        return scanner.number()
      }
      guard let newline = bytes[line...].firstIndex(of: UInt8(ascii: "\n")) else { return nil }
      line = newline + 1
    }
    return nil
  }

  private mutating func skipBlanks() {
    while position < bytes.count, bytes[position] <= Self.blank { position += 1 }
  }

  /// A space; newlines and the like are below it.
  private static let blank = UInt8(ascii: " ")
}
