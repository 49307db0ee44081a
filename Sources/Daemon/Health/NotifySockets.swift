import Supervision
import UV

/// Makes the sockets on which runs tell of themselves: one for each run that has a reason to, so that one that
/// floods its own keeps nobody else from being heard.
final class NotifySockets {
  private let loop: Loop
  private let directory: String
  /// The directory as every process can name it, wherever that is; nil before the first socket.
  private var absolute: String?
  /// The longest path of a Unix socket (unix(7)).
  private static let longestPath = 107

  /// - Parameter directory: of the sockets; made when the first one is.
  init(on loop: Loop, directory: String) {
    self.loop = loop
    self.directory = directory
  }

  /// Binds the socket of a run.
  ///
  /// It is a file that only the supervisor's own user can get at. Where that will not do, because the run is
  /// another user's, or the path is too long, it is an abstract name: anybody can send to that, and the
  /// credentials of the senders decide, as they do in any case. Anybody can take one, too, so it is one that nobody
  /// can guess before it is taken.
  func open(
    for definition: ProcessDefinition,
    onMessages: @escaping ([NotifyMessage]) -> Void
  ) throws(UVError) -> NotifyListener {
    if definition.execution.user == nil {
      let path = "\(try preparedDirectory())/\(definition.id)"
      if path.utf8.count <= Self.longestPath {
        return try NotifyListener(path, on: loop, onMessages: onMessages)
      }
    }
    return try NotifyListener(try Self.abstractName(), on: loop, onMessages: onMessages)
  }

  /// 128 random bits.
  private static func abstractName() throws(UVError) -> String {
    let digits = Array("0123456789abcdef")
    let name = try SystemProcess.randomBytes(16).map {
      String([digits[Int($0 >> 4)], digits[Int($0 & 15)]])
    }
    return "@exeio/\(name.joined())"
  }

  private func preparedDirectory() throws(UVError) -> String {
    if let absolute { return absolute }
    try Files.createDirectories(directory, mode: 0o700)
    let path = Files.resolvingLinks(directory)
    // What a supervisor has left that was killed.
    try Files.removeSockets(in: path)
    absolute = path
    return path
  }
}
