import API

extension KeyCommandReader {
  /// What `exeio key --help` prints.
  static var helpText: String {
    """
    exeio key: keys beside the main one, each with a name and a role

    Usage: \(usage(.add))
           \(usage(.list))
           \(usage(.remove))

    A key of the role 'read' may look; 'operate' may also start, stop, restart and send input; 'admin' may
    do everything. exeio key add|list|remove --help says more.

    """
  }

  private static func usage(_ verb: Verb) -> String {
    switch verb {
    case .add: "exeio key add NAME --role ROLE [--config-dir DIR]"
    case .list: "exeio key list [--json] [--config-dir DIR]"
    case .remove: "exeio key remove NAME [--config-dir DIR]"
    }
  }

  /// What `exeio key VERB --help` prints.
  static func help(_ verb: Verb) -> String {
    var text: String
    switch verb {
    case .add:
      text = "exeio key add: makes a key and prints it, this once; only its hash is kept\n"
    case .list: text = "exeio key list: names, roles and when each key was made\n"
    case .remove: text = "exeio key remove: removes a key, which stops working at once\n"
    }
    text += "\nUsage: \(usage(verb))\n\n"
    if verb != .list { text += CommandLineReader.line("NAME", KeyName.allowed) }
    if verb == .add { text += CommandLineReader.line("--role ROLE", "one of \(Role.names)") }
    if verb == .list { text += CommandLineReader.line("--json", "as JSON, for programs") }
    text += CommandLineReader.line(
      "--config-dir DIR", "holds keys.json (default: ~/.config/exeio;")
    text += CommandLineReader.line("", "for root /etc/exeio, if it is there)")
    let variables = OptionName.configDirectory.variables.joined(separator: ", ")
    text += CommandLineReader.line("", "[\(variables)]")
    text += CommandLineReader.line("-h, --help", "print this and exit")
    return text
  }
}
