import CHTTPParser

/// The names of the methods that http-parser knows, by its numbers.
enum MethodNames {
  private static let names: [String] = (0...HTTP_SOURCE.rawValue).map { number in
    guard let name = http_method_str(http_method(rawValue: number)) else {
      preconditionFailure("http-parser has no name for its method \(number)")
    }
    return String(cString: name)
  }

  /// The name of a method that http-parser has recognised.
  static subscript(number: Int) -> String { names[number] }
}
