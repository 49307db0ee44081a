/// Finds what a shell would have made something else of, and what is taken as it stands here.
enum Unexpanded {
  /// What to say of a path that begins with `~` or a variable; nil if it does not.
  static func hint(_ path: String) -> String? {
    if path.hasPrefix("~") {
      return "'~' is not expanded: write out the home directory"
    }
    guard path.hasPrefix("$"), let second = path.dropFirst().first,
      second == "{" || second == "_" || (second.isASCII && second.isLetter)
    else { return nil }
    let name = path.dropFirst().prefix { $0 != "/" }
    return "'$\(name)' is not expanded: write out its value"
  }

  /// What to say of a command that was not found; nil if nothing is odd about it.
  /// - Parameter arguments: the field where the arguments belong.
  static func hint(command: String, arguments: String) -> String? {
    if let hint = hint(command) { return hint }
    guard command.contains(where: { $0 == " " || $0 == "\t" || $0 == "\n" }) else { return nil }
    return "a command is not split at spaces: arguments belong in \(arguments)"
  }
}
