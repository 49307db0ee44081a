import API
import UV

/// `keys.json` as `exeio key` sees it: a running daemon notices by itself what is done here.
struct KeyStore {
  /// What was asked for is not done, and why; the exit code is 1.
  struct Refusal: Error {
    let message: String

    init(_ message: String) {
      self.message = message
    }
  }

  /// Where the packaged daemon has its configuration.
  private static let systemDirectory = "/etc/exeio"
  /// How long another `exeio key` may take.
  private static let patience: Duration = .seconds(10)

  private let path: String
  /// Tells when a key was made.
  let clock: Clock
  private var name: String { Configuration.keysFileName }
  var file: String { "\(path)/\(name)" }

  /// Finds the directory: the one that is given, for root that of the package if it is there, else
  /// the user's own.
  init(
    _ settings: Settings, environment: [String: String], clock: Clock
  ) throws(UsageError) {
    self.clock = clock
    if settings[.configDirectory] == nil, SystemProcess.isRoot, Self.hasSystemDirectory {
      path = Self.systemDirectory
    } else {
      path = try Configuration.configDirectory(settings, environment: environment)
    }
  }

  /// Changes the keys in one piece, even if another process changes them too.
  func change(_ edit: (inout [KeyRecord]) throws(Refusal) -> Void) throws(Refusal) {
    let directory = try open()
    let lock: LockFile
    do throws(LockFile.Failure) {
      lock = try directory.lock("\(name).lock", patience: Self.patience)
    } catch {
      switch error {
      case .heldBy: throw Refusal("another exeio key is changing '\(file)'; try again")
      case .system(let error): throw refusal(error)
      }
    }
    defer { lock.release() }
    var records = try read(directory)
    try edit(&records)
    do throws(UVError) {
      try directory.replace(name, with: KeysFile.render(records))
    } catch {
      throw refusal(error)
    }
  }

  func open() throws(Refusal) -> Directory {
    do throws(UVError) {
      return try Directory(path)
    } catch {
      guard error.code != .noSuchFileOrDirectory else {
        throw Refusal("\(error); start exeio there once, or choose another with --config-dir")
      }
      throw refusal(error)
    }
  }

  /// None where there is no file.
  func read(_ directory: Directory) throws(Refusal) -> [KeyRecord] {
    let contents: (status: FileStatus, bytes: [UInt8])
    do throws(UVError) {
      contents = try directory.read(name, limit: NamedKeysFile.limit)
    } catch {
      switch error.code {
      case .noSuchFileOrDirectory: return []
      case .tooManySymbolicLinkLevels:
        throw Refusal("'\(file)' is a symbolic link; change the file that it leads to")
      default: throw refusal(error)
      }
    }
    do throws(ConfigurationFile.Failure) {
      try ConfigurationFile.check(
        contents.status, file, isSecret: true, directoryOwner: try owner(of: directory))
      return try NamedKeysFile.parse(contents.bytes, file)
    } catch {
      throw Refusal("\(error)")
    }
  }

  /// Who may own the file beside root and this user: root changes the keys of a daemon that has a
  /// user of its own, to whom the directory belongs, and with it what root writes there.
  private func owner(of directory: Directory) throws(ConfigurationFile.Failure) -> UInt32? {
    guard SystemProcess.isRoot else { return nil }
    do throws(UVError) {
      return try directory.owner()
    } catch {
      throw ConfigurationFile.Failure(error)
    }
  }

  private func refusal(_ error: UVError) -> Refusal {
    let isDenied = error.code.isDenial
    return Refusal("\(error)" + (isDenied ? "; run this as root or as the user of exeio" : ""))
  }

  private static var hasSystemDirectory: Bool {
    do throws(UVError) {
      return try Files.status(of: systemDirectory).isDirectory
    } catch {
      // Whatever keeps it from being seen, it is not the one that root means.
      return false
    }
  }
}
