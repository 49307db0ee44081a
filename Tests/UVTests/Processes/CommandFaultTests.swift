import Glibc
import TestSupport
import Testing
import UV

/// What is executed, what is given to a shell, and what is said of a file that is neither.
struct CommandFaultTests {
  let directory: TemporaryDirectory
  init() throws { directory = try TemporaryDirectory() }

  private func make(_ name: String, _ contents: [UInt8], mode: UInt32 = 0o755) throws -> String {
    let path = directory.file(name)
    try Files.createNew(path, mode: mode, contents: contents)
    return path
  }

  private func make(_ name: String, _ text: String) throws -> String {
    try make(name, Array(text.utf8))
  }

  /// What it writes, or why it cannot be started.
  private func outcome(
    _ command: String, _ arguments: [String] = [], path: String = "/bin:/usr/bin",
    in directory: String? = nil
  ) throws -> String {
    // Another test's child, between fork and exec, may hold a file open that has just been written.
    let busy = "Text file busy"
    var text = busy
    while text.hasSuffix(busy) {
      text = try outcomeNow(command, arguments, path: path, in: directory)
    }
    return text
  }

  private func outcomeNow(
    _ command: String, _ arguments: [String], path: String, in directory: String?
  ) throws -> String {
    var text = ""
    try withScheduler { loop, scheduler in
      do throws(UVError) {
        let scene = try Scene(
          command, arguments, environment: ["PATH=\(path)"], directory: directory, on: loop,
          scheduler)
        defer { scene.child.close() }
        text = try until(scene, loop)
      } catch {
        text = "\(error)"
      }
    }
    return text
  }

  private func until(_ scene: Scene, _ loop: Loop) throws(UVError) -> String {
    do {
      try runLoop(loop) { scene.isOver }
    } catch {
      return "\(error)"
    }
    return scene.text
  }

  /// An ELF file of this machine's class; the machine is the number of another one.
  private static let elf: [UInt8] =
    [0x7F] + Array("ELF".utf8) + [2, 1, 1] + [UInt8](repeating: 0, count: 9) + [2, 0, 0x02, 0x01]
    + [UInt8](repeating: 0, count: 44)

  @Test func textWithoutAnInterpreterLineIsAScriptForTheShell() throws {
    let script = try make("script", "echo $0 $1\n")
    #expect(try outcome(script, ["a b"]) == "\(script) a b\n")
    #expect(try outcome("script", ["x"], path: "/no:\(directory.path)") == "\(script) x\n")
    #expect(try outcome("./script", ["x"], in: directory.path) == "./script x\n")
  }

  @Test func whatIsNeitherTextNorAProgramIsNotGivenToTheShell() throws {
    let empty = try make("empty", "")
    #expect(try outcome(empty) == "execute '\(empty)': Exec format error: the file is empty")
    let picture = try make("picture", [0x89] + Array("PNG\r\n\u{1a}\n".utf8) + [0, 0, 0, 13])
    #expect(
      try outcome(picture)
        == "execute '\(picture)': Exec format error: it is neither text nor a program for this machine"
    )
    let other = try make("other", Self.elf)
    #expect(
      try outcome(other)
        == "execute '\(other)': Exec format error: it is a program for another machine (LoongArch)")
    #expect(try outcome("empty", path: directory.path).contains("the file is empty"))
  }

  @Test func aMissingInterpreterIsNamed() throws {
    let script = try make("a.py", "#!/no/such/pythn -u\nprint(1)\n")
    let reason = "interpreter '/no/such/pythn' of '\(script)': No such file or directory"
    #expect(try outcome(script) == "execute '\(script)': \(reason)")
    #expect(try outcome("a.py", path: "/no:\(directory.path)") == "execute 'a.py': \(reason)")
    let outer = try make("outer", "#!\(script)\n")
    #expect(try outcome(outer) == "execute '\(outer)': \(reason)")
  }

  /// None of them is given to a shell, which would "succeed" with what follows.
  @Test(arguments: [
    (
      "#!/\(String(repeating: "a", count: 300))\necho\n",
      "its first line (#!) is longer than the kernel reads"
    ),
    ("#!\necho\n", "its first line (#!) names no interpreter"),
    ("#! \necho\n", "its first line (#!) names no interpreter"),
    (
      "\u{FEFF}#!/bin/sh\necho\n",
      "a byte order mark stands in front of its first line (#!); save it without one"
    ),
  ])
  func anInterpreterLineThatTheKernelRefusesIsNoTextForTheShell(
    contents: String, reason: String
  ) throws {
    let script = try make("odd", contents)
    #expect(try outcome(script) == "execute '\(script)': Exec format error: \(reason)")
  }

  @Test func anInterpreterLineThatEndsInACarriageReturnIsSaidToDoSo() throws {
    let script = try make("dos", "#!/bin/sh\r\necho\r\n")
    #expect(
      try outcome(script)
        == "execute '\(script)': interpreter '/bin/sh\\r' of '\(script)': No such file or directory; its first line ends in a carriage return (DOS line ends)"
    )
  }

  @Test func aMissingLoaderIsNamed() throws {
    // A copy of a program of this machine, whose loader is another.
    var bytes = try Files.read("/bin/sh", limit: 16 << 20)
    let loaders = ["/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1"]
    let loader = try #require(loaders.first { bytes.firstRange(of: Array($0.utf8)) != nil })
    let range = try #require(bytes.firstRange(of: Array(loader.utf8)))
    bytes.replaceSubrange(range, with: Array(loader.dropLast().utf8) + [UInt8(ascii: "X")])
    let copy = try make("copy", bytes)
    #expect(
      try outcome(copy)
        == "execute '\(copy)': dynamic loader '\(loader.dropLast())X' of '\(copy)': No such file or directory"
    )
  }

  @Test func aDirectoryAndAFileThatMayNotBeExecutedAreSaidToBeThat() throws {
    #expect(
      try outcome(directory.path)
        == "execute '\(directory.path)': Is a directory, but must be a program")
    let plain = try make("plain", Array("#!/bin/sh\n".utf8), mode: 0o644)
    #expect(
      try outcome(plain)
        == "execute '\(plain)': Permission denied: the file is not executable (mode 0644)")
    let script = try make("script", "#!\(plain)\n")
    #expect(
      try outcome(script)
        == "execute '\(script)': interpreter '\(plain)' of '\(script)': Permission denied: the file is not executable (mode 0644)"
    )
  }

  @Test func theDirectoriesOfThePathAreTriedInTheirOrder() throws {
    let first = try TemporaryDirectory()
    try Files.createNew(first.file("tool"), mode: 0o644, contents: Array("echo first".utf8))
    _ = try make("tool", "#!/bin/sh\necho second\n")
    // As execvp(3) has it, one that may not be executed is passed over.
    #expect(try outcome("tool", path: "\(first.path):\(directory.path)") == "second\n")
    #expect(try outcome("tool", path: ":/no", in: directory.path) == "second\n")
    #expect(try outcome("tool", path: first.path).contains("not executable"))
  }
}
