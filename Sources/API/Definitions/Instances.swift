import Supervision

/// How many copies of a process there may be.
enum Instances {
  static let range = 1...1_000

  /// Refuses a number of copies where the name of the last one would not be an id.
  static func check(_ instances: Int, of id: String, path: JSONPath) throws(FieldError) {
    let last = ProcessDefinition.name(of: instances - 1, of: id)
    guard ProcessID.isValid(last) else {
      throw FieldError(
        "\"\(path)\" is \(instances), but the last copy would be called \(quoted(last)), which has "
          + "\(last.utf8.count) bytes: a name may have at most 128",
        at: path)
    }
  }
}
