import Foundation
import Glibc
import Testing

/// `exeio serve --check` judges all files without a daemon.
struct CheckTests {
  private func write(_ text: String, to name: String, in directory: URL) throws {
    let file = directory.appendingPathComponent(name)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try text.write(to: file, atomically: true, encoding: .utf8)
  }

  @Test func rightFilesPassAndNothingIsMade() throws {
    let run = try ShortRun(["--check"]) { directory in
      try write(#"[{"id": "a", "command": "true"}]"#, to: "processes.json", in: directory)
      // Whether the daemon will have the controllers that these need cannot be known.
      try write(
        #"{"id": "b", "command": "true", "memory_max_bytes": 1048576, "cpu_max_percent": 50, "tasks_max": 9}"#,
        to: "processes.d/b.json", in: directory)
    } after: { directory in
      let names = try FileManager.default.contentsOfDirectory(atPath: directory.path)
      #expect(names.sorted() == ["processes.d", "processes.json"])
    }
    #expect(run.code == 0, "\(run.error)")
    #expect(run.output == "exeio: all files are right; processes: 2\n")
    #expect(run.error == "")
  }

  @Test func everyMistakeIsPrinted() throws {
    let run = try ShortRun(["--check"]) { directory in
      try write(
        #"""
        [{"id": "a", "command": "true"}, {"id": "b"},
         {"id": "c", "command": "true", "args": 1, "max_restart": 3, "limits": {"core_bytes": -1, "x": 1},
          "health_check": {"tcp": "a", "retries": 0}, "ready": "healthy", "listen": ["b:1", ":2"]},
         {"id": "a", "command": "true"}]
        """#, to: "processes.json", in: directory)
      try write("{\n  \"id\" 7}", to: "processes.d/bad.json", in: directory)
      try write(
        #"{"id": "one", "command": "", "nice": 90}"#, to: "processes.d/one.json", in: directory)
      try write(
        #"[{"id": "x", "command": "true", "depends_on": ["y"]}, {"id": "y", "command": "true", "depends_on": ["x"]}]"#,
        to: "processes.d/circle.json", in: directory)
      try write("[", to: "keys.json", in: directory)
      #expect(chmod(directory.appendingPathComponent("keys.json").path, 0o600) == 0)
    }
    #expect(run.code == 1)
    let lines = run.error.split(separator: "\n")
    for words in [
      #"processes.json, line 1, column 34: [1] (id "b"): "command" is missing"#,
      #"processes.json, line 2, column 41: [2] (id "c"): "args" must be"#,
      #"processes.json, line 2, column 44: [2] (id "c"): unknown field "max_restart": did you mean "max_restarts"?"#,
      #"line 2, column 87: [2] (id "c"): "limits.core_bytes" is -1"#,
      #"line 2, column 91: [2] (id "c"): unknown field "limits.x""#,
      #"line 3, column 27: [2] (id "c"): "health_check.tcp" is "a""#,
      #"line 3, column 43: [2] (id "c"): "health_check.retries" is 0"#,
      #"line 3, column 78: [2] (id "c"): "listen[0]""#,
      #"line 3, column 85: [2] (id "c"): "listen[1]""#,
      #"one.json, line 1, column 26: "command""#,
      #"one.json, line 1, column 38: "nice" is 90"#,
      #"processes.json, line 4, column 9: [3] (id "a"): "id" is the same"#,
      "processes.d/bad.json, line 2, column 8: expected", "circle.json: process 'x': ", "keys.json",
    ] {
      #expect(lines.count { $0.contains(words) } == 1, "\(words): \(run.error)")
    }
    // What follows from another mistake is none of its own: there is a "health_check".
    #expect(lines.count == 16, "\(run.error)")
  }

  /// The first mistake hides no other.
  @Test func whatEveryUserCanChangeIsReadAllTheSame() throws {
    let run = try ShortRun(["--check"]) { directory in
      try write(#"[{"id": "a"}]"#, to: "processes.json", in: directory)
      try write(#"[{"name": "A"}, {"name": "b", "role": "no"}]"#, to: "keys.json", in: directory)
      let keys = directory.appendingPathComponent("keys.json").path
      #expect(chmod(keys, 0o644) == 0)
      #expect(chmod(directory.path, 0o777) == 0)
    }
    #expect(run.code == 1)
    let lines = run.error.split(separator: "\n")
    for words in [
      "can be changed by every user of the machine (mode 0777)",
      #"processes.json, line 1, column 2: [0] (id "a"): "command" is missing"#,
      "keys.json' can be read or changed by every user",
      #"keys.json, line 1, column 11: [0]: "name" is "A""#,
      #"keys.json, line 1, column 39: [1]: "role" is "no""#,
    ] {
      #expect(lines.count { $0.contains(words) } == 1, "\(words): \(run.error)")
    }
    #expect(lines.count == 5, "\(run.error)")
  }

  @Test func whatIsRightIsJudgedBesideWhatIsWrong() throws {
    let run = try ShortRun(["--check"]) { directory in
      try write(
        #"""
        [{"id": "bad"}, {"id": "a", "command": "true", "depends_on": ["none"]},
         {"id": "b", "command": "true", "depends_on": ["bad"]}, {"id": "bad", "command": "true"}]
        """#, to: "processes.json", in: directory)
      try write(
        #"[{"id": "a", "command": "true"}, {"id": "b", "command": "true"}]"#,
        to: "processes.d/x.json", in: directory)
    }
    #expect(run.code == 1)
    let lines = run.error.split(separator: "\n")
    for words in [
      #"line 1, column 2: [0] (id "bad"): "command" is missing"#,
      #"line 2, column 64: [3] (id "bad"): "id" is the same as that of [0]"#,
      "processes.json: process 'a': ",
      "the process 'a' is defined in", "the process 'b' is defined in",
    ] {
      #expect(lines.count { $0.contains(words) } == 1, "\(words): \(run.error)")
    }
    // What waits for a process with a mistake has none of its own.
    #expect(lines.count == 5, "\(run.error)")
  }

  @Test func aDirectoryThatDoesNotExistIsAWarning() throws {
    let missing = "/tmp/exeio-test-\(UUID().uuidString)"
    let run = try ShortRun(["--check", "--config-dir", missing])
    #expect(run.code == 0)
    #expect(
      run.error
        == "exeio: warning: there is no directory '\(missing)', and therefore no processes.json\n")
  }

  @Test func aWarningIsNoMistake() throws {
    let run = try ShortRun(["--check"]) { directory in
      try write(
        #"[{"id": "a", "command": "true", "environment": {"A": "b"}}]"#, to: "processes.json",
        in: directory)
      try FileManager.default.setAttributes(
        [.posixPermissions: 0o644],
        ofItemAtPath: directory.appendingPathComponent("processes.json").path)
    }
    #expect(run.code == 0)
    #expect(run.error.hasPrefix("exeio: warning: "), "\(run.error)")
  }

  @Test func anOldNameIsAWarningWithItsPlace() throws {
    let run = try ShortRun(["--check"]) { directory in
      try write(
        #"[{"id": "a", "command": "true", "max_memory_bytes": "100M"}]"#, to: "processes.json",
        in: directory)
    }
    #expect(run.code == 0)
    #expect(
      run.error.hasSuffix(
        #"/processes.json: [0] (id "a"): "max_memory_bytes" is deprecated: it is called "restart_above_memory_bytes" now"#
          + "\n"), "\(run.error)")
  }

  @Test func anUnknownVariableIsAWarning() throws {
    let run = try ShortRun(["--check"], environment: ["EXEIO_PROT": "s3cret"])
    #expect(run.code == 0)
    #expect(run.error == "exeio: warning: unknown variable EXEIO_PROT: did you mean EXEIO_PORT?\n")
  }
}
