import Foundation

/// The project's own sources, as text.
struct SourceTree {
  let root: URL

  struct SourceFile {
    /// Relative to the project.
    var path: String
    var text: String
    /// Line number, and the line without what stands in comments and string literals.
    var codeLines: [(number: Int, code: String)]
  }

  init(testFile: String = #filePath) {
    root = URL(fileURLWithPath: testFile)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  }

  /// The Swift files below a folder of the project, sorted by path.
  func swiftFiles(in folder: String) throws -> [SourceFile] {
    let top = root.appendingPathComponent(folder)
    let names = try FileManager.default.subpathsOfDirectory(atPath: top.path)
    return try names.filter { $0.hasSuffix(".swift") }.sorted().map { name in
      let text = try String(contentsOf: top.appendingPathComponent(name), encoding: .utf8)
      return SourceFile(path: "\(folder)/\(name)", text: text, codeLines: Self.code(of: text))
    }
  }

  /// The rooms: the folders of Sources that hold Swift.
  func rooms() throws -> [String] {
    let top = root.appendingPathComponent("Sources")
    return try FileManager.default.contentsOfDirectory(atPath: top.path).sorted().filter {
      try !swiftFiles(in: "Sources/\($0)").isEmpty
    }
  }

  /// Blanks comments and one-line string literals: what is left is what the compiler acts on. Good enough
  /// for the words these tests look for; a literal over several lines counts as code.
  private static func code(of text: String) -> [(number: Int, code: String)] {
    text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().map { index, line in
      var code = String(line)
      code = code.replacing(#/"(?:\\.|[^"\\])*"/#, with: "\"\"")
      if let comment = code.firstRange(of: "//") { code.removeSubrange(comment.lowerBound...) }
      return (index + 1, code)
    }
  }
}
