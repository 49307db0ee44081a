import API

/// Reads the arguments of `exeio key`. Pure: nothing is looked up in the file system.
enum KeyCommandReader {
  enum Verb: String, CaseIterable {
    case add, list, remove
  }

  /// What stands on the command line after `exeio key VERB`.
  private struct Given {
    var names: [String] = []
    var role: String?
    var asJSON = false
    var settings = Settings()
  }

  /// What the arguments after `key` ask for.
  static func read(
    _ arguments: ArraySlice<String>, environment: [String: String]
  ) throws(UsageError) -> Invocation {
    do throws(UsageError) {
      return try invocation(arguments, environment: environment)
    } catch {
      throw UsageError(error.message, help: "exeio key --help")
    }
  }

  private static func invocation(
    _ arguments: ArraySlice<String>, environment: [String: String]
  ) throws(UsageError) -> Invocation {
    guard let first = arguments.first else {
      throw UsageError("exeio key needs one of \(verbs)")
    }
    if first == "-h" || first == "--help" { return .print(helpText) }
    guard let verb = Verb(rawValue: first) else {
      throw UsageError("unknown command 'key \(first)'; there are \(verbs)")
    }
    guard let given = try read(arguments.dropFirst(), of: verb) else { return .print(help(verb)) }
    var settings = given.settings
    CommandLineReader.fill(&settings, from: environment)
    return .key(KeyCommand(action: try action(verb, given), settings: settings))
  }

  /// Nil where help is asked for.
  private static func read(
    _ arguments: ArraySlice<String>, of verb: Verb
  ) throws(UsageError) -> Given? {
    var rest = arguments
    var given = Given()
    while let argument = rest.popFirst() {
      let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let option = String(parts.first ?? "")
      func value(_ placeholder: String, isGiven: Bool) throws(UsageError) -> String {
        if isGiven { throw UsageError("\(option) is given twice") }
        if parts.count > 1 { return String(parts[1]) }
        guard let next = rest.popFirst() else {
          throw UsageError("\(option) needs a value: \(option) \(placeholder)")
        }
        return next
      }
      switch option {
      case "--config-dir":
        let directory = try value("DIR", isGiven: given.settings[.configDirectory] != nil)
        given.settings[.configDirectory] = Settings.Setting(
          value: directory, origin: option, isOption: true)
      case "--role" where verb == .add:
        given.role = try value("ROLE", isGiven: given.role != nil)
      case "--json" where verb == .list && parts.count == 1: given.asJSON = true
      case "-h" where parts.count == 1, "--help" where parts.count == 1: return nil
      default:
        guard !argument.hasPrefix("-") else {
          throw UsageError("unknown option '\(argument)' of 'key \(verb.rawValue)'")
        }
        given.names.append(argument)
      }
    }
    return given
  }

  private static func action(
    _ verb: Verb, _ given: Given
  ) throws(UsageError) -> KeyCommand.Action {
    switch verb {
    case .list:
      if let extra = given.names.first { throw UsageError("unexpected argument '\(extra)'") }
      return .list(asJSON: given.asJSON)
    case .remove:
      return .remove(name: try name(verb, given.names))
    case .add:
      let name = try name(verb, given.names)
      guard let text = given.role else {
        throw UsageError("key add needs --role ROLE: one of \(Role.names)")
      }
      guard let role = Role(rawValue: text) else {
        throw UsageError("--role '\(text)' is not a role: one of \(Role.names)")
      }
      return .add(name: name, role)
    }
  }

  private static func name(_ verb: Verb, _ names: [String]) throws(UsageError) -> String {
    guard let name = names.first else { throw UsageError("key \(verb.rawValue) needs a NAME") }
    guard names.count == 1 else { throw UsageError("unexpected argument '\(names[1])'") }
    guard KeyName.isValid(name) else {
      throw UsageError("'\(name)' is not a name of a key: \(KeyName.allowed)")
    }
    return name
  }

  private static var verbs: String {
    Verb.allCases.map { "'\($0.rawValue)'" }.joined(separator: ", ")
  }
}
