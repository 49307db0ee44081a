import Foundation
import Glibc
import Testing

/// A file of variables, read at each start.
struct EnvironmentFileTests {
  private func write(_ text: String, _ name: String, _ daemon: DaemonUnderTest) throws -> String {
    let file = daemon.directory.appendingPathComponent(name)
    try Data(text.utf8).write(to: file)
    return file.path
  }

  @Test func itIsReadAnewAtEachStartAndGoesBeforeTheEnvironment() throws {
    let daemon = try DaemonUnderTest()
    let path = try write("# first\nA='from the file'\nEXEIO_ID=mine\n", "env", daemon)
    try daemon.addShell(
      "web", "echo $A, $B, $EXEIO_ID; exec sleep 1000",
      ["environment": ["A": "a", "B": "b"], "environment_file": path])
    try daemon.waitFor("web", line: "STDOUT: from the file, b, web")
    _ = try write("A=second\nB=\"and this\"", "env", daemon)
    try daemon.post("/restart/web")
    try daemon.waitFor("web", line: "STDOUT: second, and this, web")
  }

  /// Files in different directories are read by different threads, at the same time.
  @Test(
    .disabled(
      if: DaemonUnderTest.isSanitized, "the sanitizer keeps what was freed in quarantine"))
  func noThreadKeepsTheMemoryInWhichAFileWasRead() throws {
    let daemon = try DaemonUnderTest()
    let text = String(repeating: "# \(String(repeating: "x", count: 97))\n", count: 10_000) + "A=b"
    let files = try (0..<16).map { index in
      let directory = daemon.directory.appendingPathComponent("d\(index)")
      try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: false)
      return try write(text, "d\(index)/env", daemon)
    }
    let before = try #require(SystemView.statusValue("RssAnon", of: daemon.pid))
    for _ in 0..<2 {
      let adds = try files.enumerated().map { index, file in
        try daemon.beginAdding([
          "id": "p\(index)", "command": "sleep", "args": ["1000"], "environment_file": file,
        ])
      }
      for add in adds { #expect(try add.receiveAnswer().status == 201) }
      for index in files.indices { #expect(try daemon.post("/remove/p\(index)").status == 200) }
    }
    try eventually("memory is back to where it was, but for buffers and room") {
      try #require(SystemView.statusValue("RssAnon", of: daemon.pid)) < before + 3072
    }
  }

  @Test func itIsFoundInTheWorkingDirectoryAndMayBeMissingIfThatIsSaid() throws {
    let daemon = try DaemonUnderTest()
    _ = try write("A=here", "env", daemon)
    let directory = daemon.directory.path
    try daemon.addShell(
      "web", "echo $A", ["working_dir": directory, "environment_file": "env"])
    try daemon.waitFor("web", line: "STDOUT: here")
    try daemon.addShell(
      "may", "echo started", ["working_dir": directory, "environment_file": "-none"])
    try daemon.waitFor("may", line: "STDOUT: started")
    try daemon.addShell("must", "true", ["working_dir": directory, "environment_file": "none"])
    let error = try #require(try daemon.status("must")["error"] as? String)
    #expect(error.hasSuffix("environment_file '\(directory)/none': No such file or directory"))
  }

  @Test func aFileThatCannotBeReadIsNamedAndWhatIsInItIsNot() throws {
    let daemon = try DaemonUnderTest()
    func reason(_ path: String) throws -> String {
      let id = "p\(UInt32.random(in: 0...UInt32.max))"
      try daemon.addShell(id, "true", ["environment_file": path])
      return try #require(try daemon.status(id)["error"] as? String)
    }
    let bad = try write("A=1\nsecret words\n", "bad", daemon)
    #expect(
      try reason(bad).hasSuffix("environment_file '\(bad)' line 2: there is no '=' in it"))
    let pipe = daemon.directory.appendingPathComponent("pipe").path
    try #require(mkfifo(pipe, 0o600) == 0)
    #expect(try reason("-\(pipe)").contains("environment_file '\(pipe)': is a "))
    let large = try write(String(repeating: "#", count: (1 << 20) + 1), "large", daemon)
    #expect(try reason(large).hasSuffix("environment_file '\(large)': File too large"))
  }

  @Test func aFileThatEveryUserCanChangeIsRefused() throws {
    let daemon = try DaemonUnderTest()
    let file = daemon.directory.appendingPathComponent("open.env")
    try Data("A=1\n".utf8).write(to: file)
    try #require(chmod(file.path, 0o666) == 0)
    let answer = try daemon.add(["id": "a", "command": "true", "environment_file": file.path])
    // It is added, and the message says why it does not run.
    #expect(answer.status == 201)
    #expect(
      try answer.message.contains(
        "environment_file '\(file.path)': can be changed by every user of the machine (mode 0666): chmod o-w it"
      ))
  }

}
