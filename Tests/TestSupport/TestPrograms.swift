import Glibc

/// The programs that tests start.
package enum TestPrograms {
  /// Where programs are looked for. `Tests/run.sh` sees to it that there are no others there than
  /// those that `packaging/setup.sh` names.
  package static let searchPath: String =
    getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"

  /// The project's own, for what no program of the machine does. Its source is in
  /// `Tests/TestHelper`.
  package static let helper: String = {
    let tests = CommandLine.arguments[0]
    let folder = tests.lastIndex(of: "/").map { String(tests[..<$0]) } ?? "."
    guard let path = realpath("\(folder)/exeio-test-helper", nil) else { return "" }
    defer { free(path) }
    return String(cString: path)
  }()
}
