import API
import ExeioDaemon
import Testing

/// The arguments of `exeio key`.
struct KeyArgumentsTests {
  private func read(_ arguments: [String]) throws -> Invocation {
    try CommandLineReader.read(["key"] + arguments, environment: [:], version: "1")
  }

  private func action(_ arguments: [String]) throws -> KeyCommand.Action? {
    guard case .key(let command) = try read(arguments) else { return nil }
    return command.action
  }

  @Test(arguments: [
    ["add", "ci", "--role", "read"], ["add", "--role=read", "ci"],
    ["add", "--role", "read", "--config-dir", "/c", "ci"],
  ])
  func aKeyIsAddedWithItsNameAndRole(arguments: [String]) throws {
    #expect(try action(arguments) == .add(name: "ci", .read))
  }

  @Test func keysAreListedAndRemoved() throws {
    #expect(try action(["list"]) == .list(asJSON: false))
    #expect(try action(["list", "--json", "--config-dir=/c"]) == .list(asJSON: true))
    #expect(try action(["remove", "ci"]) == .remove(name: "ci"))
  }

  @Test func theDirectoryIsTheOneOfTheDaemon() throws {
    func command(_ arguments: [String], _ environment: [String: String]) throws -> Invocation {
      try CommandLineReader.read(arguments, environment: environment, version: "1")
    }
    let given = try command(["key", "list", "--config-dir", "/c"], [:])
    #expect(
      given == (try command(["key", "list", "--config-dir", "/c"], ["EXEIO_CONFIG_DIR": "/d"])))
    #expect(given != (try command(["key", "list"], ["EXEIO_CONFIG_DIR": "/d"])))
    #expect(
      try command(["key", "list"], ["EXEIO_CONFIG_DIR": "/d", "CONFIGURATION_DIRECTORY": "/e"])
        == (try command(["key", "list"], ["EXEIO_CONFIG_DIR": "/d"])))
  }

  @Test(arguments: [
    ([], "needs one of 'add', 'list', 'remove'"), (["frob"], "unknown command 'key frob'"),
    (["add"], "needs a NAME"), (["add", "ci"], "--role ROLE: one of read, operate, admin"),
    (["add", "ci", "--role"], "--role needs a value: --role ROLE"),
    (["add", "ci", "--role", "root"], "--role 'root' is not a role: one of read, operate, admin"),
    (["add", "ci", "--role", "read", "--role", "read"], "--role is given twice"),
    (["add", "C i", "--role", "read"], "'C i' is not a name of a key: 1 to 64 of a-z 0-9 -"),
    (["add", "a", "b", "--role", "read"], "unexpected argument 'b'"),
    (["add", "a", "--json", "--role", "read"], "unknown option '--json' of 'key add'"),
    (["list", "a"], "unexpected argument 'a'"), (["list", "--role", "read"], "unknown option"),
    (["list", "--json=yes"], "unknown option '--json=yes'"), (["remove"], "needs a NAME"),
    (["remove", "a", "b"], "unexpected argument 'b'"), (["list", "--port", "1"], "unknown option"),
    (["list", "--config-dir"], "--config-dir needs a value: --config-dir DIR"),
  ])
  func whatCannotBeTakenIsNamed(arguments: [String], words: String) throws {
    let error = try #require(throws: UsageError.self) { try read(arguments) }
    #expect(error.message.contains(words), "\(error.message)")
    #expect(error.help == "exeio key --help")
  }

  @Test func eachVerbHasItsHelp() throws {
    let helps = try [["--help"], ["add", "--help"], ["list", "x", "-h"], ["remove", "--help"]]
      .map { arguments in
        guard case .print(let text) = try read(arguments) else { throw UsageError("no help") }
        return text
      }
    #expect(Set(helps).count == 4)
    for help in helps { #expect(help.contains("Usage: exeio key ") && help.hasSuffix("\n")) }
    #expect(helps[1].contains("--role") && helps[2].contains("--json"))
  }
}
