/// What execve(2) takes: refused before a process is made of what it does not take.
enum ArgumentSize {
  /// What one argument or `NAME=value` may take, less the NUL that ends it: `MAX_ARG_STRLEN` of
  /// execve(2).
  static let longest = 128 * 1024 - 1

  /// What all of them may take together: half of what execve(2) gives where the stack may have the
  /// usual 8 MiB.
  static let largestTotal = 1 << 20

  /// Each of them has its address in a table, which counts too.
  private static let pointer = 8

  static func allowed(limit: Int) -> String { "a string of at most \(limit) bytes without NUL" }

  static func fits(_ text: String, limit: Int) -> Bool {
    !text.utf8.contains(0) && text.utf8.count <= limit
  }

  /// Refuses one argument that is too long, or holds NUL.
  static func check(
    _ argument: String, path: @autoclosure () -> JSONPath
  ) throws(FieldError) {
    guard fits(argument, limit: longest) else {
      throw FieldError.badValue(
        path(), "\(quoted(argument)) (\(argument.utf8.count) bytes)",
        allowed: allowed(limit: longest))
    }
  }

  /// What some arguments take together, in bytes.
  static func of(_ arguments: [String]) -> Int {
    arguments.reduce(0) { total, each in total + each.utf8.count + 1 + pointer }
  }

  /// What an environment takes, in bytes.
  static func of(_ environment: [String: String]) -> Int {
    environment.reduce(0) { total, each in
      total + each.key.utf8.count + each.value.utf8.count + 2 + pointer
    }
  }
}
