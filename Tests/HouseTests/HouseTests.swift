import Foundation
import Testing

/// The rules of the house, kept by looking at the sources.
struct HouseTests {
  private let tree = SourceTree()

  /// Which of our modules each room may import. A room that is not here fails the test.
  private static let mayImport: [String: Set<String>] = [
    "Basics": [],
    "UV": ["Basics", "CAres", "CCrypt", "CLibUV", "CLinux"],
    "HTTP": ["Basics", "CHTTPParser"],
    "Supervision": ["Basics"],
    "Logs": ["Basics", "UV", "CLinux"],
    "API": ["Basics", "HTTP", "Supervision"],
    "Daemon": ["API", "Basics", "HTTP", "Logs", "Supervision", "UV"],
    "exeio": ["ExeioDaemon"],
  ]

  /// What comes with the toolchain, and which rooms may have it.
  private static let toolchainImports: [String: Set<String>] = [
    "UV": ["Glibc", "Synchronization"], "HTTP": [], "Supervision": [], "Logs": ["Glibc"],
    "API": [], "Daemon": [], "exeio": ["Glibc"],
  ]

  @Test func importsRunOneWayOnly() throws {
    for room in try tree.rooms() {
      let allowed = try #require(Self.mayImport[room], "a room without rules: Sources/\(room)")
        .union(Self.toolchainImports[room] ?? [])
      for file in try tree.swiftFiles(in: "Sources/\(room)") {
        for (number, code) in file.codeLines {
          guard let match = code.firstMatch(of: #/^\s*(?:\w+\s+)*import\s+(\w+)/#) else { continue }
          #expect(
            allowed.contains(String(match.1)), "\(file.path):\(number) imports \(match.1)")
        }
      }
    }
  }

  @Test func thereIsOneThreadAndNoTask() throws {
    let refused =
      #/\b(Task|Thread|async|await|actor|pthread_create|DispatchQueue)\b|nonisolated\(unsafe\)|@unchecked\s+Sendable/#
    try expectNoMatch(of: refused, in: "Sources")
  }

  /// The pool's threads run closures that take values and return one (`PoolWork`).
  @Test func onlyThePoolRunsOnOtherThreads() throws {
    for file in try tree.swiftFiles(in: "Sources") where !file.path.hasSuffix("/PoolRunner.swift") {
      for (number, code) in file.codeLines {
        #expect(!code.contains("uv_queue_work"), "\(file.path):\(number) uses the pool by itself")
      }
    }
  }

  /// A typo in a name would be an error that is never met.
  @Test func errorsAreComparedByTypedCodes() throws {
    for file in try tree.swiftFiles(in: "Sources") {
      for (number, line) in file.text.split(separator: "\n", omittingEmptySubsequences: false)
        .enumerated()
      {
        #expect(
          !line.contains(#/\bname [!=]= "E|\boperation [!=]= "|case "E[A-Z]+"/#),
          "\(file.path):\(number + 1) compares the text of an error: UVError.Code and .Operation have names"
        )
      }
    }
  }

  /// What is compared elsewhere is written once.
  @Test func operationsThatHaveANameAreCalledByIt() throws {
    let list = try #require(
      try tree.swiftFiles(in: "Sources/UV/Errors").first { $0.path.hasSuffix("UVError+Code.swift") }
    ).text
    let named = Set(list.matches(of: #/: Operation = ("[^"]+")/#).map { String($0.1) })
    #expect(named.count > 10)
    for file in try tree.swiftFiles(in: "Sources") where !file.path.hasSuffix("UVError+Code.swift")
    {
      for use in file.text.matches(
        of: #/(?:UVError\.(?:system|current)\(\s*|operation: |UVError\(\.\w+, )("[^"]+")/#)
      {
        #expect(!named.contains(String(use.1)), "\(file.path): \(use.1) has a name")
      }
    }
  }

  /// Several C modules have these, and which of them Swift takes them from depends on what else is
  /// compiled: a file that imports one of the modules alone compiles today and not tomorrow.
  @Test func whatSeveralCModulesHaveIsImportedFromEach() throws {
    for file in try tree.swiftFiles(in: "Sources/UV") {
      let code = file.codeLines.map(\.code)
      var modules: Set<String> = []
      for line in code {
        if line.contains(#/\bstat\(\)|\.st_[a-z]+|\bdirent\b/#) {
          modules.formUnion(["CLibUV", "CLinux", "Glibc"])
        }
        if line.contains(#/\b(SOCK|AF)_[A-Z0-9]+\b|\bSOL_SOCKET\b/#) {
          modules.formUnion(["CAres", "CLibUV", "CLinux", "Glibc"])
        }
      }
      for module in modules {
        #expect(code.contains("import \(module)"), "\(file.path) has to import \(module)")
      }
    }
  }

  @Test func theSafeRoomsUseNothingUnsafe() throws {
    for room in ["Basics", "Supervision", "API", "Daemon", "exeio"] {
      try expectNoMatch(of: #/\bunsafe\b|Unsafe\w*Pointer|@unsafe/#, in: "Sources/\(room)")
    }
  }

  /// Time is handed in: a test owns the clocks of what it tests.
  @Test func theDaemonAsksNoClockBehindItsBack() throws {
    let reads = ["Clock.monotonicTime", "Clock.wallTime", "Clock.ticksSinceBoot", "loop.now"]
    let takes = ["Clock.system", "clock: .system"]
    for file in try tree.swiftFiles(in: "Sources/Daemon")
    where !file.path.hasPrefix("Sources/Daemon/Start") {
      let mayTake = file.path == "Sources/Daemon/Program.swift"
      for (number, code) in file.codeLines {
        #expect(
          !reads.contains(where: code.contains),
          "\(file.path):\(number) asks the kernel for the time: it is to be given a Clock")
        #expect(
          mayTake || !takes.contains(where: code.contains),
          "\(file.path):\(number) takes the clocks of the kernel: it is to be given a Clock")
      }
    }
  }

  @Test func errorsAreNotDroppedInSilence() throws {
    try expectNoMatch(of: #/\btry!|fatalError\(\)/#, in: "Sources")
    for file in try tree.swiftFiles(in: "Sources") {
      let lines = file.text.split(separator: "\n", omittingEmptySubsequences: false)
      for (number, code) in file.codeLines where code.contains(#/\btry\?/#) {
        let isExplained = lines[max(0, number - 4)..<(number - 1)].contains { $0.contains("//") }
        #expect(isExplained, "\(file.path):\(number) drops an error and does not say why it may")
      }
    }
  }

  @Test func switchesOverStatesHaveNoDefault() throws {
    for file in try tree.swiftFiles(in: "Sources/Supervision")
    where file.text.contains(#/(struct|extension) ProcessMachine\b/#) {
      for (number, code) in file.codeLines {
        #expect(!code.contains(#/^\s*default:/#), "\(file.path):\(number) has a default")
      }
    }
  }

  @Test func everyPackageSymbolIsDocumented() throws {
    let symbol =
      #/^\s*(?:@\w+\s+)*package\s+(?:\w+\s+|\w+\(set\)\s+)*(?:struct|class|enum|protocol|func|typealias)\b/#
    for file in try tree.swiftFiles(in: "Sources") {
      let lines = file.text.split(separator: "\n", omittingEmptySubsequences: false)
      for (index, line) in lines.enumerated() where line.contains(symbol) {
        var above = index - 1
        while above >= 0, lines[above].contains(#/^\s*@/#) { above -= 1 }
        let isDocumented =
          above >= 0 && lines[above].contains(#/^\s*///#)
          || line.contains(#/static func [=<]|func ==/#)
        #expect(isDocumented, "\(file.path):\(index + 1) has no doc comment: \(line)")
      }
    }
  }

  @Test func noWorkIsLeftBehindInComments() throws {
    for folder in ["Sources", "Tests"] {
      for file in try tree.swiftFiles(in: folder) where !file.path.contains("HouseTests") {
        let lines = file.text.split(separator: "\n", omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
          let isOwed = line.contains(#/\b(TODO|FIXME|XXX|HACK)\b/#) && !line.contains(#/#\d+/#)
          #expect(!isOwed, "\(file.path):\(index + 1) owes something without an issue's number")
        }
      }
    }
  }

  @Test func theReadmeOpensWithTheTwoCommands() throws {
    let text = try String(
      contentsOf: tree.root.appendingPathComponent("README.md"), encoding: .utf8)
    let run = try #require(text.firstRange(of: "make run"))
    let test = try #require(text.firstRange(of: "make test"))
    let firstSection = text.firstRange(of: "\n## ")?.lowerBound ?? text.endIndex
    #expect(run.lowerBound < firstSection && test.lowerBound < firstSection)
  }

  private func expectNoMatch(of refused: Regex<some Any>, in folder: String) throws {
    for file in try tree.swiftFiles(in: folder) {
      for (number, code) in file.codeLines {
        if let match = code.firstMatch(of: refused) {
          Issue.record("\(file.path):\(number) has '\(code[match.range])'")
        }
      }
    }
  }
}
