import Basics
import CLinux
import Logs
import TestSupport

/// What a log must hold, kept the simplest way there is: the lines of each file in arrays.
struct NaiveLog {
  struct Line: Equatable {
    var stream: LogStream
    var prefix: String
    var message: String
    var text: String { prefix + message }

    func holds(_ wanted: String) -> Bool {
      let (message, wanted) = (Array(message.utf8), Array(wanted.utf8))
      return message.withUnsafeBytes { message in
        wanted.withUnsafeBytes { wanted in
          guard let start = message.baseAddress, let text = wanted.baseAddress else { return false }
          return memmem(start, message.count, text, wanted.count) != nil
        }
      }
    }
  }

  var maxBytes: Int
  var maxFiles: Int
  /// The live file is the last one.
  private(set) var files: [[Line]] = [[]]
  private var liveSize = 0
  /// How many lines are there no more.
  private var gone = 0
  /// How many of those were gone when the first line got its number.
  private var unnumbered: Int?

  init(maxBytes: Int = 0, maxFiles: Int = 5) {
    self.maxBytes = maxBytes
    self.maxFiles = maxFiles
  }

  var lines: [Line] { files.flatMap { $0 } }

  /// A full file is rotated when the next line comes.
  mutating func append(_ line: Line) {
    if maxBytes > 0, liveSize >= maxBytes {
      let all = gone + lines.count
      if maxFiles == 0 { files.removeLast() }
      files.append([])
      files.removeFirst(max(0, files.count - 1 - maxFiles))
      gone = all - lines.count
      liveSize = 0
    }
    files[files.count - 1].append(line)
    liveSize += line.text.utf8.count + 1
  }

  mutating func clear() {
    gone += lines.count
    files = [[]]
    liveSize = 0
  }

  /// The numbers of its lines, once a page has shown some.
  var numbers: Range<Int> {
    let first = gone + 1 - (unnumbered ?? gone)
    return first..<(first + lines.count)
  }

  /// Gives the oldest line its number, if none has one yet.
  mutating func beginNumbering(at first: Int = 1) {
    if unnumbered == nil, !lines.isEmpty { unnumbered = gone + 1 - first }
  }

  func page(_ query: LogQuery) -> (total: Int, lines: [String], numbers: [Int]) {
    let matching = zip(numbers, lines).filter { number, line in
      if let before = query.before, number >= before.number { return false }
      if let after = query.after, number <= after.number { return false }
      if let stream = query.stream, stream != line.stream { return false }
      guard let text = query.text, !text.isEmpty else { return true }
      return line.holds(text)
    }
    let isFromNewest =
      query.before != nil && query.after == nil
      || query.newestFirst && (query.before == nil) == (query.after == nil)
    let ordered = isFromNewest ? matching.reversed() : matching
    let page = Array(ordered.dropFirst((query.page - 1) * query.pageSize).prefix(query.pageSize))
    let shown = isFromNewest == query.newestFirst ? page : page.reversed()
    return (matching.count, shown.map(\.1.text), shown.map(\.0))
  }
}

extension SeededRandom {
  /// A line like those that processes write: mostly short, now and then none or a long one.
  mutating func message() -> String {
    let length =
      switch Int.random(in: 0..<20, using: &self) {
      case 0: 0
      case 1: Int.random(in: 1000...20_000, using: &self)
      case _: Int.random(in: 1...120, using: &self)
      }
    let start = Int.random(in: 0..<(Self.noise.count - length), using: &self)
    return String(decoding: Self.noise[start..<(start + length)], as: UTF8.self)
  }

  /// What messages are cut from: making them up letter by letter takes long.
  private static let noise: [UInt8] = {
    var random = SeededRandom(seed: 1)
    let letters = Array("abcdefgh STDOUT: [x] \r".utf8)
    return (0..<100_000).map { _ in letters.randomElement(using: &random) ?? 0 }
  }()

  /// - Parameter numbers: of the lines.
  mutating func query(total: Int, numbers: Range<Int> = 0..<0) -> LogQuery {
    let pageSize = [1, 2, 7, 50, 1000, 10_000].randomElement(using: &self) ?? 1
    let pages = total / pageSize + 2
    var query = LogQuery(
      page: Int.random(in: 1...pages, using: &self), pageSize: pageSize,
      newestFirst: Bool.random(using: &self))
    if Int.random(in: 0..<3, using: &self) == 0 {
      query.stream = [LogStream.stdout, .stderr, .system].randomElement(using: &self)
    }
    if Int.random(in: 0..<3, using: &self) == 0 {
      query.text = ["a", "ab", "STDOUT", "2025", "abc", "", "x] ", "zz"].randomElement(using: &self)
    }
    guard !numbers.isEmpty else { return query }
    let beyond = max(0, numbers.lowerBound - 3)..<(numbers.upperBound + 3)
    if Int.random(in: 0..<4, using: &self) == 0 {
      query.before = LogCursor(epoch: nil, number: .random(in: beyond, using: &self))
    }
    if Int.random(in: 0..<4, using: &self) == 0 {
      query.after = LogCursor(epoch: nil, number: .random(in: beyond, using: &self))
    }
    return query
  }
}
