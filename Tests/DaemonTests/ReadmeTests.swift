import API
import ExeioDaemon
import Foundation
import Testing

/// The tables of README.md, of which the manual pages are made too, name what the program knows. No more, no less.
struct ReadmeTests {
  private let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  private func lines(of path: String) throws -> [String] {
    try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
      .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  /// The rows of the first table below a heading: for each cell what stands in backquotes.
  private func table(below heading: String) throws -> [[[String]]] {
    let section = try lines(of: "README.md").drop { $0 != heading }.dropFirst()
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
    for row in try table(below: "## The command line") {
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
    let told = try table(below: "## A process").flatMap { $0[0] }
    #expect(told.sorted() == known.sorted())
  }

  @Test func theCodesOfProblemsAreThoseOfTheAPI() throws {
    let told = try table(below: "### Problems").flatMap { $0[0] }
    #expect(told == Problem.Code.allCases.map(\.rawValue))
  }

  @Test func thePackageHasTheVersionOfTheProgram() throws {
    let newest = try #require(try lines(of: "packaging/debian/changelog").first)
    #expect(newest.hasPrefix("exeio (\(Program.version)-"))
  }
}
