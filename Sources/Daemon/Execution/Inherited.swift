import Supervision
import UV

/// What the daemon was started with and hands on to its children, as it was at the start.
struct Inherited {
  let variables: Variables
  /// The working directory, by the name that the shell has for it; nil when it had been removed.
  private let directory: String?

  /// Looks at this process.
  init() {
    variables = SystemProcess.variables
    directory = Self.ownDirectory(named: variables["PWD"])
  }

  /// The working directory of a definition.
  enum Directory {
    /// What `PWD` is to be; nil if it cannot be told.
    case known(SystemString?)
    /// A path that leads up, and must be resolved: a shell does not believe a `PWD` with `..` in
    /// it.
    case linked(String)
  }

  /// What `PWD` is to be for a definition: the path as it is given, made absolute.
  func directory(of execution: Execution) -> Directory {
    guard let given = execution.workingDirectory else {
      return .known(directory.map { SystemString(bytes: $0.systemBytes) })
    }
    guard let path = given.hasPrefix("/") ? given : directory.map({ "\($0)/\(given)" }) else {
      return .known(nil)
    }
    let parts = path.split(separator: "/").filter { $0 != "." }
    if parts.contains("..") { return .linked(path) }
    return .known(SystemString(bytes: ("/" + parts.joined(separator: "/")).systemBytes))
  }

  /// The name in `PWD` may lead through links; it counts as long as it leads here.
  private static func ownDirectory(named name: SystemString?) -> String? {
    guard let actual = SystemProcess.currentDirectory else { return nil }
    guard let name, name.bytes.first == UInt8(ascii: "/") else { return actual }
    let path = String(system: name.bytes)
    let isPlain = !path.split(separator: "/").contains { $0 == "." || $0 == ".." }
    return isPlain && Files.resolvingLinks(path) == actual ? path : actual
  }
}
