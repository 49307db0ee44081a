package import API
package import Supervision
import UV

/// Where everything is and how the daemon is reached: settings with the defaults filled in.
package struct Configuration: Equatable {
  package var host = "127.0.0.1"
  package var port: UInt16 = 8080
  package var socketPath: String?
  package var configDirectory: String
  package var dataDirectory: String
  package var logDirectory: String
  package var maxConnections = 1024
  /// Connections take no descriptor from this number on.
  package var firstReservedDescriptor = Int.max
  /// The least severe level that the supervisor's own log holds.
  package var logLevel = LogLevel.info
  package var cgroup = CgroupChoice.auto
  /// Whose `X-Forwarded-For` is believed.
  package var trustedProxies = TrustedProxies()
  /// What browsers may call the daemon, beside the addresses that it listens on.
  package var allowedHosts = AllowedHosts()
  /// Whose pages may use the API.
  package var crossOrigins = CrossOrigins()
  package var key: KeySource
  /// The options and variables that gave host and port, which mean nothing where sockets are handed
  /// over.
  var addressOrigins: [String] = []
  /// What is odd, but no reason to refuse a start: a line each.
  package var warnings: [String] = []

  /// Where the cgroups of the processes are made.
  package enum CgroupChoice: Equatable {
    /// In the supervisor's own, if what is below that was delegated to it.
    case auto
    /// In the supervisor's own, which the operator who says so has delegated to it.
    case own
    /// Nowhere.
    case none
    /// In this directory of cgroup v2, which must be writable.
    case directory(String)
  }

  /// Where the API key comes from.
  package enum KeySource: Equatable {
    /// Given as it is; `origin` is the option or variable.
    case value(String, origin: String)
    /// The first line of a file that must be there.
    case file(String)
    /// The first line of `credential` (systemd's `LoadCredential=`), where there is such a file;
    /// else of `path`, which is made, with a random key, where it is missing.
    case kept(path: String, credential: String?)
  }

  package var processesFile: String { "\(configDirectory)/processes.json" }
  /// The files of processes that only people write.
  package var fragmentDirectory: String { "\(configDirectory)/processes.d" }
  /// The keys beside the main one.
  package var keysFile: String { "\(configDirectory)/\(Self.keysFileName)" }
  static let keysFileName = "keys.json"
  package var lockFile: String { "\(dataDirectory)/\(Self.lockFileName)" }
  static let lockFileName = "exeio.lock"
  package var runStateFile: String { "\(dataDirectory)/run-state" }
  package var notifyDirectory: String { "\(dataDirectory)/notify" }

  /// The path of the log of `id`.
  package func logFile(_ id: String) -> String { "\(logDirectory)/\(id).log" }

  /// Fills in the defaults.
  /// - Parameter environment: the daemon's, for `HOME`, `XDG_*` and `CREDENTIALS_DIRECTORY`.
  /// Throws `UsageError` naming the option, the value and what is allowed.
  package init(_ settings: Settings, environment: [String: String]) throws(UsageError) {
    configDirectory = try Self.configDirectory(settings, environment: environment)
    dataDirectory = try Self.directory(
      .dataDirectory, settings, environment, base: "XDG_DATA_HOME", home: ".local/share")
    logDirectory = "\(dataDirectory)/logs"
    if let given = settings[.logDirectory] { logDirectory = try Self.path(given) }
    if let given = settings[.host] { host = try Self.host(given) }
    if let given = settings[.port] { port = try Self.port(given) }
    if let given = settings[.socket] { socketPath = try Self.socketPath(given) }
    if let given = settings[.maxConnections] { maxConnections = try Self.count(given) }
    if let given = settings[.logLevel] { logLevel = try Self.level(given) }
    if let given = settings[.cgroup] { cgroup = try Self.cgroup(given) }
    trustedProxies = try Self.list(settings[.trustedProxy], TrustedProxies.init) ?? trustedProxies
    allowedHosts = try Self.list(settings[.allowedHost], AllowedHosts.init) ?? allowedHosts
    crossOrigins = try Self.list(settings[.corsOrigin], CrossOrigins.init) ?? crossOrigins
    key = try Self.keySource(settings, environment: environment, directory: configDirectory)
    addressOrigins = [settings[.host], settings[.port]].compactMap { $0?.origin }
    warnings = Self.unknownVariables(in: environment)
  }

  private static func host(_ given: Settings.Setting) throws(UsageError) -> String {
    guard !given.value.isEmpty else { throw UsageError("\(given.origin) is empty") }
    return given.value
  }

  private static func port(_ given: Settings.Setting) throws(UsageError) -> UInt16 {
    guard let number = UInt16(given.value) else {
      throw UsageError("\(given.origin) '\(given.value)' is not a port: 0 to 65535")
    }
    return number
  }

  private static func socketPath(_ given: Settings.Setting) throws(UsageError) -> String {
    // sun_path of unix(7) has 108 bytes, the last one a NUL.
    guard (1...107).contains(given.value.utf8.count) else {
      throw UsageError("\(given.origin) '\(given.value)' is not a socket path: 1 to 107 bytes")
    }
    return try path(given)
  }

  private static func count(_ given: Settings.Setting) throws(UsageError) -> Int {
    guard let number = Int(given.value), (1...1_000_000).contains(number) else {
      throw UsageError("\(given.origin) '\(given.value)' is not a number from 1 to 1000000")
    }
    return number
  }

  private static func level(_ given: Settings.Setting) throws(UsageError) -> LogLevel {
    guard let level = LogLevel(rawValue: given.value) else {
      let known = LogLevel.allCases.map(\.rawValue).joined(separator: ", ")
      throw UsageError("\(given.origin) '\(given.value)' is not a level: one of \(known)")
    }
    return level
  }

  private static func cgroup(_ given: Settings.Setting) throws(UsageError) -> CgroupChoice {
    switch given.value {
    case "auto": return .auto
    case "own": return .own
    case "none": return .none
    case let path where path.hasPrefix("/"): return .directory(path)
    default:
      throw UsageError(
        "\(given.origin) '\(given.value)' is not auto, own, none or the absolute path of a directory"
      )
    }
  }

  /// What is said of the variables that begin as ours do and that mean nothing, without their
  /// values, which may be secrets. What an exeio sets for the processes that it starts is known:
  /// this may be one of them.
  private static func unknownVariables(in environment: [String: String]) -> [String] {
    let options = OptionName.allCases.flatMap(\.variables).filter { $0.hasPrefix(variablePrefix) }
    return environment.keys
      .filter { name in
        name.hasPrefix(variablePrefix) && !options.contains(name)
          && !ChildEnvironment.ownVariables.contains(SystemString(name))
      }
      .sorted()
      .map { name in
        let near = NearestName.of(name, among: options)
        let cure = near.map { "did you mean \($0)?" } ?? "exeio --help lists those that there are"
        return "unknown variable \(printable(name)): \(cure)"
      }
  }

  /// How the variables of the options begin.
  private static let variablePrefix = "EXEIO_"

  /// A path as it is given: no shell has read what stands in a unit or in an environment file.
  private static func path(_ given: Settings.Setting) throws(UsageError) -> String {
    guard !given.value.isEmpty else { throw UsageError("\(given.origin) is empty") }
    if let hint = Unexpanded.hint(given.value) {
      throw UsageError("\(given.origin) '\(given.value)': \(hint)")
    }
    return given.value
  }

  /// Reads an option whose value is a list; nil if it is not given.
  private static func list<Value>(
    _ setting: Settings.Setting?, _ read: (String) throws(ElementError) -> Value
  ) throws(UsageError) -> Value? {
    guard let setting else { return nil }
    do throws(ElementError) {
      return try read(setting.value)
    } catch {
      throw UsageError("\(setting.origin) \(error)")
    }
  }

  /// Where `processes.json` and the keys are.
  static func configDirectory(
    _ settings: Settings, environment: [String: String]
  ) throws(UsageError) -> String {
    try directory(
      .configDirectory, settings, environment, base: "XDG_CONFIG_HOME", home: ".config")
  }

  private static func directory(
    _ name: OptionName, _ settings: Settings, _ environment: [String: String], base: String,
    home: String
  ) throws(UsageError) -> String {
    if let given = settings[name] { return try path(given) }
    // The XDG specification has relative paths ignored.
    if let path = environment[base], path.hasPrefix("/") { return "\(path)/exeio" }
    if let path = environment["HOME"], path.hasPrefix("/") { return "\(path)/\(home)/exeio" }
    let fault = environment["HOME"].map { _ in "not an absolute path" } ?? "not set"
    throw UsageError("no --\(name.rawValue) is given, and HOME is \(fault)")
  }

  /// Options win over variables, and of two on the same level a key and a file contradict each
  /// other.
  private static func keySource(
    _ settings: Settings, environment: [String: String], directory: String
  ) throws(UsageError) -> KeySource {
    let key = settings[.apiKey]
    let file = settings[.apiKeyFile]
    if let key, let file, key.isOption == file.isOption {
      throw UsageError("\(key.origin) and \(file.origin) are both given; choose one")
    }
    if let key, file == nil || key.isOption {
      guard !key.value.isEmpty else { throw UsageError("\(key.origin) is empty") }
      guard isUsable(key.value) else {
        throw UsageError(
          "\(key.origin) has characters that HTTP cannot carry: use ASCII from ! to ~")
      }
      return .value(key.value, origin: key.origin)
    }
    if let file { return .file(try path(file)) }
    var credential: String?
    if let path = environment["CREDENTIALS_DIRECTORY"], !path.isEmpty {
      credential = "\(path)/api-key"
    }
    return .kept(path: "\(directory)/api-key", credential: credential)
  }

  /// Whether a key can stand in a header field: visible ASCII, no space.
  static func isUsable(_ key: String) -> Bool {
    !key.isEmpty && key.utf8.allSatisfy { (0x21...0x7E).contains($0) }
  }
}
