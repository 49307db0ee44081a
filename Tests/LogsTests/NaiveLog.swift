import Basics
import CLinux
import Logs

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

  init(maxBytes: Int = 0, maxFiles: Int = 5) {
    self.maxBytes = maxBytes
    self.maxFiles = maxFiles
  }

  var lines: [Line] { files.flatMap { $0 } }

  /// A full file is rotated when the next line comes.
  mutating func append(_ line: Line) {
    if maxBytes > 0, liveSize >= maxBytes {
      if maxFiles == 0 { files.removeLast() }
      files.append([])
      files.removeFirst(max(0, files.count - 1 - maxFiles))
      liveSize = 0
    }
    files[files.count - 1].append(line)
    liveSize += line.text.utf8.count + 1
  }

  mutating func clear() {
    files = [[]]
    liveSize = 0
  }

  func page(_ query: LogQuery) -> (total: Int, lines: [String]) {
    let matching = lines.filter { line in
      if let stream = query.stream, stream != line.stream { return false }
      guard let text = query.text, !text.isEmpty else { return true }
      return line.holds(text)
    }
    let ordered = query.newestFirst ? matching.reversed() : matching
    let page = ordered.dropFirst((query.page - 1) * query.pageSize).prefix(query.pageSize)
    return (matching.count, page.map(\.text))
  }
}

extension Seeded {
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
    var random = Seeded(1)
    let letters = Array("abcdefgh STDOUT: [x] \r".utf8)
    return (0..<100_000).map { _ in letters.randomElement(using: &random) ?? 0 }
  }()

  mutating func query(total: Int) -> LogQuery {
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
    return query
  }
}
