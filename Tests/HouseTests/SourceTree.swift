import Foundation
import Synchronization

/// The project's own sources, as text.
struct SourceTree {
  let root: URL

  struct SourceFile {
    /// Relative to the project.
    var path: String
    var text: String
    /// Line number, and the line without what stands in comments and string literals.
    var codeLines: [(number: Int, code: String)]

    /// Line number, and the text behind the slashes, of the lines that are nothing but a comment.
    var commentLines: [(number: Int, comment: String)] {
      text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        .enumerated().compactMap { index, line in
          let line = line.drop { $0 == UInt8(ascii: " ") }
          guard line.starts(with: "//".utf8) else { return nil }
          let comment = line.drop { $0 == UInt8(ascii: "/") }
          return (index + 1, String(decoding: comment, as: UTF8.self))
        }
    }

    init(path: String, text: String) {
      self.path = path
      self.text = text
      codeLines = SourceTree.code(of: text)
    }
  }

  init(testFile: String = #filePath) {
    root = URL(fileURLWithPath: testFile)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  }

  /// What was read already, by folder and suffix: each test reads all.
  private static let known = Mutex<[String: [SourceFile]]>([:])

  /// The Swift files below a folder of the project, sorted by path.
  func swiftFiles(in folder: String) throws -> [SourceFile] {
    try files(in: folder, endingWith: ".swift")
  }

  /// The C headers below a folder of the project, sorted by path.
  func headers(in folder: String) throws -> [SourceFile] {
    try files(in: folder, endingWith: ".h")
  }

  private func files(in folder: String, endingWith suffix: String) throws -> [SourceFile] {
    let key = folder + suffix
    if let files = Self.known.withLock({ $0[key] }) { return files }
    let top = root.appendingPathComponent(folder)
    let names = try FileManager.default.subpathsOfDirectory(atPath: top.path)
    let files = try names.filter { $0.hasSuffix(suffix) }.sorted().map { name in
      let text = try String(contentsOf: top.appendingPathComponent(name), encoding: .utf8)
      return SourceFile(path: "\(folder)/\(name)", text: text)
    }
    Self.known.withLock { $0[key] = files }
    return files
  }

  /// The rooms: the folders of Sources that hold Swift.
  func rooms() throws -> [String] {
    let top = root.appendingPathComponent("Sources")
    return try FileManager.default.contentsOfDirectory(atPath: top.path).sorted().filter {
      try !swiftFiles(in: "Sources/\($0)").isEmpty
    }
  }

  /// Blanks comments and one-line string literals: what is left is what the compiler acts on. Good
  /// enough for the words these tests look for; a literal over several lines counts as code.
  private static func code(of text: String) -> [(number: Int, code: String)] {
    let quote = UInt8(ascii: "\"")
    return text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      .enumerated().map { index, line in
        let line = Array(line)
        var code: [UInt8] = []
        var position = 0
        while position < line.count {
          if line[position...].starts(with: "//".utf8) { break }
          code.append(line[position])
          position += 1
          guard code.last == quote, let end = Self.end(ofLiteral: line[position...]) else {
            continue
          }
          code.append(quote)
          position = end
        }
        return (index + 1, String(decoding: code, as: UTF8.self))
      }
  }

  /// Where a literal goes on behind its end; nil where it does not end on the line.
  private static func end(ofLiteral line: ArraySlice<UInt8>) -> Int? {
    var position = line.startIndex
    while position < line.endIndex {
      switch line[position] {
      case UInt8(ascii: "\\"): position += 2
      case UInt8(ascii: "\""): return position + 1
      default: position += 1
      }
    }
    return nil
  }
}
