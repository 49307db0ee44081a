import Supervision
import UV

/// What a start has found, and holds: all that the daemon is made of.
struct StartupState {
  let configuration: Configuration
  let environment: [String: String]
  /// Of the program.
  let version: String
  let service: ServiceEnvironment
  /// Sockets that are bound already.
  let handed: [HandedSocket]
  let files: FilesOfStart
  let predecessors: Predecessors
  let cgroups: CgroupSetup
}

/// What a start has read of the configuration directory and the data directory, and holds there.
struct FilesOfStart {
  let locks: Locks
  let key: ResolvedKey
  let namedKeys: NamedKeysFile
  let survey: DefinitionFiles.Survey
  let place: DataPlace
  /// The run state of an earlier daemon, and why it could not be used.
  let runState: (bytes: [UInt8], warning: String?)
}
