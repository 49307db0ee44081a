import Basics
import Glibc
import Supervision
import TestSupport
import Testing
import UV

@testable import ExeioDaemon

/// What everything that is started for a run finds around it.
struct ExecContextTests {
  private static let mark = RunMark(
    place: "t", daemon: ProcessTable.Member(pid: 7, startTime: 5), number: 1, isHelper: false)
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func definition(
    _ change: (inout Execution) -> Void = { _ in }
  ) -> ProcessDefinition {
    var definition = ProcessDefinition(id: "web", command: "true")
    change(&definition.execution)
    return definition
  }

  /// Finds out what a start must know.
  private func find(
    _ definition: ProcessDefinition, adding added: Variables = [:]
  ) throws -> Result<ExecContext, StartRefusal> {
    try withLoop { loop in
      var results: [Result<ExecContext, StartRefusal>] = []
      try ExecContextQuery(
        for: definition, inherited: Inherited(), mark: Self.mark,
        adding: added, timeout: .seconds(100), on: loop
      ) { results.append($0) }
      try runLoop(loop) { !results.isEmpty }
      #expect(results.count == 1)
      return results[0]
    }
  }

  private func environment(_ options: SpawnOptions) -> [String: String] {
    Dictionary(
      uniqueKeysWithValues: options.environment.map {
        let parts = "\($0)".split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        return (String(parts[0]), String(parts[1]))
      })
  }

  private func refusal(_ definition: ProcessDefinition) throws -> String {
    guard case .failure(let refusal) = try find(definition) else { return "none" }
    return refusal.description
  }

  private func write(_ name: String, _ text: String) throws -> String {
    try Files.createNew(directory.file(name), mode: 0o600, contents: Array(text.utf8))
    return directory.file(name)
  }

  /// A definition that needs nothing from a disk is not kept waiting.
  @Test func whatNeedsNoLookIsThereAtOnce() throws {
    try withLoop { loop in
      var isFound = false
      let query = try ExecContextQuery(
        for: definition(), inherited: Inherited(), mark: Self.mark,
        timeout: .seconds(100), on: loop
      ) { _ in isFound = true }
      #expect(isFound && query.isOver)
    }
  }

  @Test func theMoreSpecialVariableCounts() throws {
    let file = try write("file", "A=file\nB=file\nEXEIO_ID=other\n")
    let found = try find(
      definition {
        $0.environment = ["A": "definition", "C": "definition"]
        $0.environmentFile = file
      }, adding: ["D": "added", "NOTIFY_SOCKET": "/run/notify"]
    ).get()
    let options = found.options(["/bin/echo", "one", "two"], adding: ["E": "now"])
    #expect(options.command == "/bin/echo" && options.arguments == ["one", "two"])
    let variables = environment(options)
    #expect(variables["A"] == "file" && variables["B"] == "file")
    #expect(variables["C"] == "definition" && variables["D"] == "added" && variables["E"] == "now")
    #expect(variables["NOTIFY_SOCKET"] == "/run/notify")
    #expect(variables["EXEIO_ID"] == "web" && variables["EXEIO_RUN"] == "t.7.5.1")
    #expect(options.mark == "EXEIO_RUN=t.7.5.1")
    #expect(variables["LISTEN_FDS"] == nil)
  }

  @Test func whatTheDefinitionSaysOfTheChildIsThere() throws {
    let found = try find(
      definition {
        $0.workingDirectory = "/tmp"
        $0.umask = 0o027
        $0.nice = 5
        $0.limits.openFiles = 100
        $0.limits.coreBytes = 0
      }
    ).get()
    let options = found.options(["true"])
    #expect(options.workingDirectory == "/tmp" && environment(options)["PWD"] == "/tmp")
    #expect(options.umask == 0o027 && options.nice == 5)
    #expect(options.limits == [ResourceLimit(.openFiles, 100), ResourceLimit(.coreBytes, 0)])
    #expect(options.identity == Identity() && found.identity == Identity())
  }

  /// A shell does not believe a PWD with `..` in it.
  @Test func aDirectoryThatLeadsUpIsResolved() throws {
    try Files.createDirectories(directory.file("a/b"), mode: 0o700)
    let found = try find(
      definition { $0.workingDirectory = directory.file("a/b/..") }
    ).get()
    let resolved = Files.resolvingLinks(directory.file("a"))
    #expect(environment(found.options(["true"]))["PWD"] == resolved)
  }

  @Test func socketsAreAnnounced() throws {
    let found = try find(definition()).get()
    let sockets = try [BoundSocket(directory.file("a")), BoundSocket(directory.file("b"))]
    let options = found.options(["true"], sockets: sockets)
    #expect(options.sockets.count == 2)
    #expect(environment(options)["LISTEN_FDS"] == "2")
    #expect(environment(options)["LISTEN_FDNAMES"] == "web:web")
    for socket in sockets { socket.close() }
  }

  @Test func whatCannotBeFoundOutIsNamedByItsField() throws {
    #expect(
      try refusal(definition { $0.user = "no-such-user" }) == "user 'no-such-user': no such user")
    let missing = directory.file("none")
    #expect(
      try refusal(definition { $0.environmentFile = missing })
        == "environment_file '\(missing)': No such file or directory")
    #expect(try refusal(definition { $0.environmentFile = "-\(missing)" }) == "none")
    let wrong = try write("wrong", "no variable\n")
    #expect(
      try refusal(definition { $0.environmentFile = wrong })
        .hasPrefix("environment_file '\(wrong)'"))
    #expect(
      try refusal(
        definition {
          $0.listen = ["127.0.0.1:1", "127.0.0.1:2"]
          $0.limits.openFiles = 5
        }) == "limits.open_files 5: with 2 sockets it takes 6")
  }

  @Test(.enabled(if: HangingFiles.isPossible, "a file system of fuse(4) cannot be mounted here"))
  func whatTakesTooLongIsNamedAndSaysNothingOfTheProcess() throws {
    let alone = HangingWork()
    defer { withExtendedLifetime(alone) {} }
    let files = try HangingFiles()
    defer { files.end() }
    try Files.createNew("\(files.behind)/env", mode: 0o600, contents: [])
    try files.hang(.open)
    try withLoop { loop in
      var result: Result<ExecContext, StartRefusal>?
      let query = try ExecContextQuery(
        for: definition { $0.environmentFile = "\(files.path)/env" }, inherited: Inherited(),
        mark: Self.mark, timeout: .seconds(10), spent: .milliseconds(9990),
        on: loop
      ) { result = $0 }
      try runLoop(loop) { result != nil }
      guard case .failure(let refusal)? = result else {
        return #expect(Bool(false), "the file was read")
      }
      #expect(
        refusal.description
          == "environment_file '\(files.path)/env': timed out after \(Duration.seconds(10).text)")
      #expect(refusal.isUnknown && query.isOver)
      try files.goOn()
    }
  }

  @Test func nothingIsToldOfOneThatIsGivenUp() throws {
    try withLoop { loop in
      var isTold = false
      let file = try write("file", "A=1\n")
      let query = try ExecContextQuery(
        for: definition { $0.environmentFile = file }, inherited: Inherited(),
        mark: Self.mark, timeout: .seconds(100), on: loop
      ) { _ in isTold = true }
      query.cancel()
      loop.run()
      #expect(!isTold)
    }
  }
}
