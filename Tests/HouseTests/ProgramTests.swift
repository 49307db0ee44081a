import Foundation
import Testing

/// Each program that a test starts is one that `packaging/setup.sh` names, so that `make test`
/// installs it. What decides is the search path: `Tests/run.sh`, which `make test` and the like run
/// tests by, leaves nothing else in it.
struct ProgramTests {
  private let tree = SourceTree()

  /// The programs that `packaging/setup.sh` names, by purpose.
  private func named() throws -> [String: Set<String>] {
    let text = try contents("packaging/setup.sh").replacing("\\\n", with: " ")
    var programs: [String: Set<String>] = [:]
    var purpose = ""
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ")
      switch words.first {
      case "program": programs[purpose, default: []].insert(lastPart(words[1]))
      case "all_of": programs[purpose, default: []].formUnion(words.dropFirst(2).map(String.init))
      default:
        if let match = line.wholeMatch(of: #/    ([a-z]+)\)/#) { purpose = String(match.1) }
      }
    }
    // They are in a directory with a version in its name.
    programs["programs", default: []].formUnion(["initdb", "postgres"])
    return programs
  }

  private func contents(_ path: String) throws -> String {
    try String(contentsOf: tree.root.appendingPathComponent(path), encoding: .utf8)
  }

  private func lastPart(_ path: some StringProtocol) -> String {
    String(path.split(separator: "/").last ?? "")
  }

  private func testFiles() throws -> [SourceTree.SourceFile] {
    try tree.swiftFiles(in: "Tests").filter { !$0.path.hasPrefix("Tests/HouseTests") }
  }

  @Test(
    .enabled(
      if: ProcessInfo.processInfo.environment["EXEIO_TEST_PROGRAMS"] != nil,
      "the tests are not run by Tests/run.sh"))
  func theTestsFindTheProgramsThatAreNamedAndNoOthers() throws {
    let environment = ProcessInfo.processInfo.environment
    let purposes = try #require(environment["EXEIO_TEST_PROGRAMS"]).split(separator: " ")
    let named = try named()
    let wanted = purposes.reduce(into: Set<String>()) { $0.formUnion(named[String($1)] ?? []) }
    let path = try #require(environment["PATH"])
    let found = Set(try FileManager.default.contentsOfDirectory(atPath: path))
    #expect(found == wanted)
    #expect(found.contains("sh") && !found.contains("python3"))
  }

  @Test func programsThatAreStartedByTheirPathsAreNamedToo() throws {
    let named = try named().values.reduce(into: Set<String>()) { $0.formUnion($1) }
    // These tests only name programs; they start none.
    let onlyWords = ["Tests/APITests/", "Tests/HTTPTests/", "Tests/SupervisionTests/"]
    var count = 0
    for file in try testFiles() where !onlyWords.contains(where: file.path.hasPrefix) {
      for match in file.text.matches(of: #/(?:/usr)?/s?bin/([a-z][a-z0-9._+-]*)/#) {
        count += 1
        #expect(
          named.contains(String(match.1)),
          "\(file.path) has \(match.0), which packaging/setup.sh does not name")
      }
    }
    #expect(count > 5)
  }

  @Test func noTestLooksForProgramsElsewhere() throws {
    for file in try testFiles() where file.path != "Tests/TestSupport/TestPrograms.swift" {
      // The daemon's own rules about PATH are tested by value.
      if file.path == "Tests/DaemonTests/ChildEnvironmentTests.swift" { continue }
      #expect(
        !file.text.contains(#/PATH=(?:/usr)?/s?bin|"/usr/bin:/bin"/#),
        "\(file.path) sets a search path of its own: TestPrograms.searchPath is that of the tests")
    }
  }

  @Test func whatATestNeedsFromTheRealProgramsIsInstalledForThem() throws {
    let named = try #require(try named()["programs"])
    for file in try testFiles() {
      for trait in file.text.matches(of: #/\.needs\(([^)]*)\)/#) {
        for name in trait.1.matches(of: #/"([^"]+)"/#) {
          #expect(named.contains(String(name.1)), "\(file.path) needs \(name.1)")
        }
      }
    }
  }

  @Test func everyWayToRunTheTestsInstallsWhatTheyStart() throws {
    let makefile = try contents("Makefile")
    for line in makefile.split(separator: "\n") where line.contains("$(SWIFT) test") {
      Issue.record("the Makefile runs tests past Tests/run.sh: \(line)")
    }
    #expect(makefile.contains("Tests/run.sh tests"))
    #expect(try !contents("Tests/through-nginx.sh").contains("swift} test"))
    #expect(
      try contents("Tests/run.sh").contains(#"packaging/setup.sh --links "$bin" $purposes"#))
  }

  @Test func whatChecksAChangeOnlyRunsTheTargetsThatOneRunsByHand() throws {
    let lines = try contents(".ci/run").split(separator: "\n")
      .filter { !$0.hasPrefix("#") }
      .drop { !$0.hasPrefix("cd ") }.dropFirst()
    #expect(lines == ["make test", "make test-programs", "make test-metrics"])
  }
}
