import ExeioDaemon
import Foundation
import Glibc
import Supervision
import TestSupport
import Testing

/// The files of processes, read together.
struct DefinitionFilesTests {
  private let directory: TemporaryDirectory
  private let files: DefinitionFiles

  init() throws {
    directory = try TemporaryDirectory()
    try FileManager.default.createDirectory(
      atPath: directory.file("processes.d"), withIntermediateDirectories: true)
    guard
      case .serve(let settings) = try CommandLineReader.read(
        ["--config-dir", directory.path, "--data-dir", directory.path], environment: [:],
        version: "1")
    else { throw UsageError("printed") }
    files = DefinitionFiles(try Configuration(settings, environment: [:]))
  }

  private func write(_ name: String, _ text: String) throws {
    try text.write(toFile: directory.file(name), atomically: false, encoding: .utf8)
  }

  private func refusal() throws -> String {
    try #require(throws: ConfigurationFile.Failure.self) { try files.read() }.description
      .replacing(directory.path + "/", with: "")
  }

  private func process(_ id: String) -> String { #"{"id": "\#(id)", "command": "true"}"# }

  @Test func withoutFilesThereAreNoProcesses() throws {
    #expect(try files.read() == [])
    try FileManager.default.removeItem(atPath: directory.file("processes.d"))
    #expect(try files.read() == [])
  }

  @Test func fragmentsFollowTheSavedProcessesByName() throws {
    try write("processes.json", "[\(process("z")), \(process("y"))]")
    try write("processes.d/20-b.json", "[\(process("b")), \(process("a"))]")
    try write("processes.d/10-c.json", process("c"))
    try write("processes.d/30.json", "[]")
    let found = try files.read()
    #expect(found.map(\.definition.id) == ["z", "y", "c", "b", "a"])
    #expect(
      found.map(\.fragment) == [nil, nil]
        + ["10-c", "20-b", "20-b"].map { directory.file("processes.d/\($0).json") })
  }

  /// What editors and package managers leave beside a file is none of them.
  @Test func otherNamesAreIgnored() throws {
    for name in [".hidden.json", "a.json~", "a.json.bak", "a.json.dpkg-new", "#a.json#", "README"] {
      try write("processes.d/\(name)", "no JSON")
    }
    #expect(try files.read() == [])
  }

  @Test func whatIsWrongWithAFragmentNamesTheFileAndThePlace() throws {
    try write("processes.d/a.json", "{\"id\": \"a\",\n  \"command\" \"true\"}")
    let broken = try refusal()
    #expect(broken.hasPrefix("processes.d/a.json, line 2, column 13: expected"), "\(broken)")
    #expect(broken.hasSuffix("; mend the file or move it away"), "\(broken)")
    try write("processes.d/a.json", "[\(process("a")), {\"id\": \"b\"}]")
    let missing = try refusal()
    #expect(
      missing.hasPrefix(
        #"processes.d/a.json, line 1, column 34: [1] (id "b"): "command" is missing"#), "\(missing)"
    )
    try write("processes.d/a.json", #"{"id": "a", "command": "true", "colour": 1}"#)
    let unknown = try refusal()
    #expect(
      unknown.hasPrefix(#"processes.d/a.json, line 1, column 32: unknown field "colour""#),
      "\(unknown)")
    try write("processes.d/a.json", "7")
    #expect(
      try refusal() == """
        processes.d/a.json, line 1, column 1: must be a process or an array of processes, not a number; \
        mend the file or move it away
        """)
    try write("processes.d/a.json", "")
    #expect(try refusal().contains("a file without processes holds []"))
  }

  @Test func anIDMayStandInOneFileOnly() throws {
    try write("processes.d/a.json", process("web"))
    try write("processes.d/b.json", "[\(process("db")), \(process("web"))]")
    #expect(
      try refusal() == """
        the process 'web' is defined in 'processes.d/a.json' and in 'processes.d/b.json'; \
        take one of them away
        """)
    try write("processes.json", "[\(process("web"))]")
    #expect(
      try refusal() == """
        the process 'web' is defined in 'processes.json' and in 'processes.d/a.json'; \
        take one of them away
        """)
  }

  /// One of the two could not be loaded, and would be gone from the file with the next write.
  @Test func anIDMayNotBeTheNameOfACopy() throws {
    let copies = #"{"id": "web", "command": "true", "instances": 2}"#
    for both in ["\(copies), \(process("web.1"))", "\(process("web.1")), \(copies)"] {
      try write("processes.json", "[\(both)]")
      #expect(
        try refusal() == """
          the process 'web.1' in 'processes.json' has the name of a copy of 'web' in \
          'processes.json'; rename one of them
          """)
    }
    try write("processes.json", "[\(process("web.1"))]")
    try write("processes.d/a.json", copies)
    #expect(
      try refusal() == """
        the process 'web.1' in 'processes.json' has the name of a copy of 'web' in \
        'processes.d/a.json'; rename one of them
        """)
    try write("processes.json", "[\(process("web.2"))]")
    #expect(try files.read().map(\.definition.id) == ["web.2", "web"])
  }

  /// No process has the other end of the FIFO: a call that opens it as a plain file waits for ever.
  @Test func whatIsNoFileIsRefusedAndNotWaitedFor() throws {
    #expect(mkfifo(directory.file("processes.d/a.json"), 0o600) == 0)
    #expect(try refusal() == "'processes.d/a.json' is a FIFO, but must be a regular file")
    #expect(unlink(directory.file("processes.d/a.json")) == 0)
    #expect(mkdir(directory.file("processes.d/a.json"), 0o700) == 0)
    #expect(try refusal() == "'processes.d/a.json' is a directory, but must be a regular file")
    #expect(rmdir(directory.file("processes.d/a.json")) == 0)
    #expect(symlink("nowhere", directory.file("processes.d/a.json")) == 0)
    #expect(try refusal() == "open 'processes.d/a.json': No such file or directory")
    #expect(unlink(directory.file("processes.d/a.json")) == 0)
    #expect(rmdir(directory.file("processes.d")) == 0)
    #expect(mkfifo(directory.file("processes.d"), 0o600) == 0)
    #expect(try refusal() == "open 'processes.d': Not a directory")
  }

  @Test func aFragmentThatIsWrongIsLeftOutWholeAndTheOthersAreRead() throws {
    try write("processes.json", "[\(process("z"))]")
    try write("processes.d/a.json", "[\(process("a")), \(process("b"))")
    try write("processes.d/b.json", process("b"))
    try write("processes.d/c.json", "[\(process("c")), \(process("z"))]")
    try write("processes.d/d.json", process("d"))
    let survey = files.survey()
    #expect(survey.definitions.map(\.definition.id) == ["z", "b", "d"])
    #expect(survey.refusals.isEmpty)
    #expect(
      survey.leftOut.map(\.file) == ["a", "c"].map { directory.file("processes.d/\($0).json") })
    #expect(survey.leftOut[1].message.contains("the process 'z' is defined in"))
  }

  @Test(arguments: ["processes.json", "processes.d", "processes.d/x.json", ""])
  func whatEveryUserCanChangeIsRefused(name: String) throws {
    try write("processes.json", "[]")
    try write("processes.d/x.json", process("x"))
    let path = name.isEmpty ? directory.path : directory.file(name)
    #expect(chmod(path, 0o666 | 0o111) == 0)
    let reason = try #require(throws: ConfigurationFile.Failure.self) { try files.read() }
    #expect(
      reason.description
        == "'\(path)' can be changed by every user of the machine (mode 0777): chmod o-w '\(path)'")
    // Its group may: an operator who makes a file writable for a group means it.
    #expect(chmod(path, 0o775) == 0)
    #expect(try files.read().map(\.definition.id) == ["x"])
  }

  @Test(
    .enabled(if: geteuid() == 0, "only root gives files away"),
    arguments: ["processes.json", "processes.d", "processes.d/x.json", ""])
  func whatBelongsToAnotherUserIsRefused(name: String) throws {
    try write("processes.json", "[]")
    try write("processes.d/x.json", process("x"))
    let path = name.isEmpty ? directory.path : directory.file(name)
    #expect(chown(path, 12345, 0) == 0)
    let reason = try #require(throws: ConfigurationFile.Failure.self) { try files.read() }
    #expect(reason.description.hasPrefix("'\(path)' belongs to the user 12345"))
    #expect(reason.description.hasSuffix(": chown 0 '\(path)'"))
  }

  @Test func environmentValuesThatEveryUserCanReadAreWarnedOf() throws {
    let secret = #"{"id": "x", "command": "true", "environment": {"TOKEN": "s3cret"}}"#
    for (mode, warnings) in [(0o644, 1), (0o640, 0)] as [(mode_t, Int)] {
      for name in ["processes.json", "processes.d/x.json"] {
        try write(name, name == "processes.json" ? "[\(secret)]" : secret)
        #expect(chmod(directory.file(name), mode) == 0)
        let survey = files.survey()
        #expect(survey.definitions.map(\.definition.id) == ["x"])
        #expect(survey.warnings.count == warnings)
        #expect(survey.warnings.allSatisfy { !$0.message.contains("s3cret") })
        try FileManager.default.removeItem(atPath: directory.file(name))
      }
    }
  }

  @Test func oldNamesOfFieldsAreTakenAndSaid() throws {
    let old = #"{"id": "a", "command": "true", "max_memory_bytes": "2M"}"#
    try write("processes.json", "[\(old)]")
    try write("processes.d/b.json", old.replacing(#""a""#, with: #""b""#))
    let survey = files.survey()
    #expect(survey.definitions.map(\.definition.restartAboveMemoryBytes) == [2 << 20, 2 << 20])
    let said = #""max_memory_bytes" is deprecated: it is called "restart_above_memory_bytes" now"#
    #expect(
      survey.deprecations.map { $0.replacing("\(directory.path)/", with: "") } == [
        #"processes.json: [0] (id "a"): \#(said)"#, "processes.d/b.json: \(said)",
      ])
  }

  @Test func aLinkThatLeadsNowhereIsNoEmptyFile() throws {
    try FileManager.default.createSymbolicLink(
      atPath: directory.file("processes.json"), withDestinationPath: "/no/such/disk/p.json")
    #expect(
      try refusal()
        == "'processes.json' is a link to '/no/such/disk/p.json', which is missing; mount or make it, or remove the link"
    )
  }

  @Test func aLinkToAFileIsReadAsThatFile() throws {
    try write("web.json", process("web"))
    #expect(symlink("../web.json", directory.file("processes.d/a.json")) == 0)
    #expect(try files.read().map(\.definition.id) == ["web"])
  }

  @Test(.enabled(if: geteuid() != 0, "root may read everything"))
  func aFragmentThatMayNotBeReadSaysSo() throws {
    try write("processes.d/a.json", process("web"))
    #expect(chmod(directory.file("processes.d/a.json"), 0) == 0)
    #expect(
      try refusal() == """
        open 'processes.d/a.json': Permission denied; let the user that exeio runs as read it
        """)
  }
}
