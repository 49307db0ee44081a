extension FieldReader {
  /// A command and its arguments: an array of strings, the first of which is not empty.
  func command(_ name: String) throws(FieldError) -> [String]? {
    let expected = "an array of 1 to 1024 strings: a command and its arguments"
    guard let command = try strings(name, count: 1...1024, expected: expected) else { return nil }
    for (index, part) in command.enumerated() {
      let path = path(of: name).element(index)
      guard index > 0 else {
        guard (1...4096).contains(part.utf8.count), !part.utf8.contains(0) else {
          throw FieldError.badValue(path, quoted(part), allowed: "1 to 4096 bytes without NUL")
        }
        continue
      }
      try ArgumentSize.check(part, path: path)
    }
    return command
  }
}
