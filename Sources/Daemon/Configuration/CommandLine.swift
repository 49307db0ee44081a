/// What the command line asks for.
package enum Invocation: Equatable {
  case serve(Settings)
  /// Judge the files that `serve` would read, and do nothing.
  case check(Settings)
  /// Look at or change the named keys.
  case key(KeyCommand)
  /// Print this text and exit 0.
  case print(String)
}

/// The values given for options, before any default: by name, with where each came from.
package struct Settings: Equatable {
  private var values: [OptionName: Setting] = [:]

  /// One value and the option or variable that gave it, for messages.
  struct Setting: Equatable {
    var value: String
    var origin: String
    /// Whether it came from the command line, which wins over the environment.
    var isOption: Bool
  }

  subscript(_ name: OptionName) -> Setting? {
    get { values[name] }
    set { values[name] = newValue }
  }
}

/// Reads arguments and environment. Pure: nothing is looked up in the file system.
package enum CommandLineReader {
  /// What `arguments` (without the program's name) and `environment` ask for.
  /// Throws `UsageError` for an unknown option or command, a missing value, an option given twice.
  package static func read(
    _ arguments: [String], environment: [String: String], version: String
  ) throws(UsageError) -> Invocation {
    var rest = arguments[...]
    if let first = rest.first, !first.hasPrefix("-") {
      rest.removeFirst()
      switch first {
      case "serve": break
      case "key": return try KeyCommandReader.read(rest, environment: environment)
      default: throw UsageError("unknown command '\(first)'; there are 'serve' and 'key'")
      }
    }
    var settings = Settings()
    var isCheck = false
    while let argument = rest.popFirst() {
      switch argument {
      case "--check": isCheck = true
      case "-h", "--help": return .print(helpText)
      case "-V", "--version": return .print("exeio \(version)\n")
      default: try take(argument, from: &rest, into: &settings)
      }
    }
    fill(&settings, from: environment)
    return isCheck ? .check(settings) : .serve(settings)
  }

  /// Takes one option and its value (`--port 1`, `--port=1`, `-P 1`, `-P1`).
  private static func take(
    _ argument: String, from rest: inout ArraySlice<String>, into settings: inout Settings
  ) throws(UsageError) {
    let (name, spelled, attached) = try split(argument)
    guard settings[name] == nil else {
      throw UsageError("\(spelled) is given twice")
    }
    guard let value = attached ?? rest.popFirst() else {
      throw UsageError("\(spelled) needs a value: \(spelled) \(name.placeholder)")
    }
    settings[name] = Settings.Setting(value: value, origin: "--\(name.rawValue)", isOption: true)
  }

  /// The option that an argument names, how it was spelled, and the value that hangs on it.
  private static func split(
    _ argument: String
  ) throws(UsageError) -> (OptionName, spelled: String, value: String?) {
    if argument.hasPrefix("--") {
      let parts = argument.dropFirst(2).split(
        separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if let first = parts.first, let name = OptionName(rawValue: String(first)) {
        return (name, "--\(name.rawValue)", parts.count > 1 ? String(parts[1]) : nil)
      }
    } else if argument.hasPrefix("-"), let letter = argument.dropFirst().first,
      let name = OptionName.allCases.first(where: { $0.letter == letter })
    {
      let value = argument.dropFirst(2)
      return (name, "-\(letter)", value.isEmpty ? nil : String(value))
    }
    if argument.hasPrefix("-") { throw UsageError("unknown option '\(argument)'") }
    throw UsageError("unexpected argument '\(argument)'")
  }

  /// Takes from the environment what the command line left open; an empty variable counts as unset,
  /// but for the key, whose emptiness must not pass in silence.
  static func fill(_ settings: inout Settings, from environment: [String: String]) {
    for name in OptionName.allCases where settings[name] == nil {
      for variable in name.variables {
        guard let value = environment[variable], !value.isEmpty || name == .apiKey else { continue }
        // systemd joins several directories with colons; the first one is the unit's own.
        let isList = !variable.hasPrefix("EXEIO_")
        let first = isList ? String(value.prefix { $0 != ":" }) : value
        settings[name] = Settings.Setting(value: first, origin: variable, isOption: false)
        break
      }
    }
  }

  private static var helpText: String {
    var text = """
      exeio: keeps processes alive and is steered over a REST API

      Usage: exeio [serve] [OPTIONS]
             exeio key add|list|remove …   (see exeio key --help)

      Options:

      """
    for name in OptionName.allCases {
      let short = name.letter.map { "-\($0), " } ?? "    "
      text += line("\(short)--\(name.rawValue) \(name.placeholder)", name.help)
      text += line("", "[\(name.variables.joined(separator: ", "))]")
    }
    text += line("--check", "judge all files, print every mistake, and exit")
    text += line("-h, --help", "print this and exit")
    text += line("-V, --version", "print the version and exit")
    return text
  }

  /// A line of help in two columns.
  static func line(_ left: String, _ right: String) -> String {
    let gap = String(repeating: " ", count: max(2, 30 - left.count))
    return "  \(left)\(gap)\(right)\n"
  }
}
