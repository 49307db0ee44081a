import API
import ExeioDaemon
import Foundation
import Testing

/// The tables of docs/, of which the manual pages are made too, name what the program knows. No
/// more, no less.
struct ManualTests {
  private let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  private func lines(of path: String) throws -> [String] {
    try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
      .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  /// The rows of the first table below a heading of a page: for each cell what stands in
  /// backquotes.
  private func table(in page: String, below heading: String) throws -> [[[String]]] {
    let section = try lines(of: "docs/\(page)").drop { $0 != heading }.dropFirst()
    let rows = section.prefix { !$0.hasPrefix("#") }.drop { !$0.hasPrefix("|") }
      .prefix { $0.hasPrefix("|") }.dropFirst(2)
    return rows.map { row in
      row.split(separator: "|").map { cell in
        cell.matches(of: #/`([^`]+)`/#).map { String($0.1) }
      }
    }
  }

  @Test func theOptionsAreThoseOfTheHelp() throws {
    guard
      case .print(let help) = try CommandLineReader.read(["--help"], environment: [:], version: "1")
    else {
      Issue.record("--help prints nothing")
      return
    }
    var known: [String: [String]] = [:]
    var last = ""
    for line in help.split(separator: "\n") {
      if let option = line.firstMatch(of: #/^ +(-\S.*?)(?:  |$)/#) {
        last = String(option.1)
        known[last] = []
      } else if let variables = line.firstMatch(of: #/^ +\[(EXEIO_.*)\]$/#) {
        known[last] = variables.1.split(separator: ", ").map(String.init)
      }
    }
    var told: [String: [String]] = [:]
    for row in try table(in: "command-line.md", below: "## Options") {
      for option in row[0] { told[option] = row[1] }
    }
    #expect(told == known)
  }

  @Test func theFieldsOfAProcessAreThoseOfTheAPI() throws {
    let source = try lines(of: "Sources/API/Definitions/DefinitionField.swift")
    let known = source.compactMap { line in
      line.firstMatch(of: #/^  case (\w+)(?: = "(\w+)")?$/#).map { String($0.2 ?? $0.1) }
    }
    try #require(known.contains("command"))
    let told = try table(in: "definitions.md", below: "## Fields").flatMap { $0[0] }
    #expect(told.sorted() == known.sorted())
  }

  @Test func theCodesOfProblemsAreThoseOfTheAPI() throws {
    let told = try table(in: "metrics.md", below: "## Problems").flatMap { $0[0] }
    #expect(told == Problem.Code.allCases.map(\.rawValue))
  }

  /// A page that README.md does not name is found by no reader.
  @Test func theReadmeNamesEveryPage() throws {
    let named = try links(in: "README.md").map(\.target).filter { $0.hasPrefix("docs/") }
    let pages = try self.pages
    #expect(pages.count > 10)
    for page in pages {
      #expect(named.contains { $0.prefix { $0 != "#" } == page }, "README.md does not name \(page)")
    }
  }

  @Test func everyLinkLeadsToAHeading() throws {
    for file in try pages + ["README.md", "CONTRIBUTING.md"] {
      for (target, line) in try links(in: file) where !target.hasPrefix("https://") {
        let parts = target.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
        let directory = file.hasPrefix("docs/") ? "docs/" : ""
        let path = parts[0].isEmpty ? file : directory + parts[0]
        guard FileManager.default.fileExists(atPath: root.appendingPathComponent(path).path) else {
          Issue.record("\(file):\(line) refers to \(path), which there is not")
          continue
        }
        guard parts.count == 2 else { continue }
        let anchors = try prose(of: path).filter { $0.text.hasPrefix("#") }.map { anchor($0.text) }
        #expect(anchors.contains(String(parts[1])), "\(file):\(line) refers to \(target)")
      }
    }
  }

  private var pages: [String] {
    get throws {
      try FileManager.default.contentsOfDirectory(atPath: root.appendingPathComponent("docs").path)
        .filter { $0.hasSuffix(".md") }.sorted().map { "docs/\($0)" }
    }
  }

  /// The lines outside of blocks of code, with their numbers.
  private func prose(of path: String) throws -> [(number: Int, text: String)] {
    var isCode = false
    var prose: [(Int, String)] = []
    for (index, line) in try lines(of: path).enumerated() {
      if line.hasPrefix("```") {
        isCode.toggle()
      } else if !isCode {
        prose.append((index + 1, line))
      }
    }
    return prose
  }

  private func links(in path: String) throws -> [(target: String, line: Int)] {
    try prose(of: path).flatMap { number, text in
      text.matches(of: #/\]\(([^)\s]+)\)/#).map { (String($0.1), number) }
    }
  }

  /// What GitHub calls a heading in a link.
  private func anchor(_ heading: String) -> String {
    let text = heading.drop { $0 == "#" }.dropFirst().lowercased()
    return String(text.filter { $0.isLetter || $0.isNumber || " _-".contains($0) })
      .replacingOccurrences(of: " ", with: "-")
  }

  @Test func thePackageHasTheVersionOfTheProgram() throws {
    let newest = try #require(try lines(of: "packaging/debian/changelog").first)
    #expect(newest.hasPrefix("exeio (\(Program.version)-"))
  }
}
