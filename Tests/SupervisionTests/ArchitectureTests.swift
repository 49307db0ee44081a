import Foundation
import Testing

/// What docs/architecture.md says of the states of a process.
struct ArchitectureTests {
  @Test func theTableOfActivitiesIsThatOfTheCode() throws {
    let root = URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let page = try String(
      contentsOf: root.appendingPathComponent("docs/architecture.md"), encoding: .utf8)
    let rows = page.split(separator: "\n").drop { $0 != "| activity | event | next |" }
      .prefix { $0.hasPrefix("|") }.joined(separator: "\n")
    #expect(Transitions.unlisted.isEmpty)
    #expect(rows == Transitions.table, "docs/architecture.md has to say:\n\(Transitions.table)")
  }
}
