import API
import Supervision
import UV

extension Startup {
  /// What is in the configuration directory.
  private struct ConfigurationState: Sendable {
    let lock: LockFile?
    let key: ResolvedKey
    let keys: NamedKeysFile.Found
    let survey: DefinitionFiles.Survey
  }

  /// How long a data directory is waited for. Without it processes run all the same: what an
  /// earlier daemon left is found by its marks, another daemon by the files that it has open.
  private static let dataPatience: Duration = .seconds(6)

  /// Takes the locks and reads the files. The configuration says what is to run, so it is waited
  /// for.
  static func openFiles(
    _ configuration: Configuration, _ wait: StartWait
  ) throws(StartError) -> FilesOfStart {
    let (data, config) = (configuration.dataDirectory, configuration.configDirectory)
    func lane(_ directory: String) -> PoolLane { .ownFiles(directory: directory) }
    _ = try waited(
      wait.run("the configuration directory '\(config.readable)'", lane(config)) {
        Self.result { () throws(StartError) in try makeDirectory(config, .configDirectory) }
      })
    // One directory for both is waited for as that of the configuration is: a lock is taken of it
    // once.
    let isShared = Files.absolute(data) == Files.absolute(config)
    let resolved = Awaited<String>()
    let opened = wait.run(
      "the data directory '\(data.readable)'", lane(data), within: isShared ? nil : dataPatience
    ) {
      // The links on the way to it are on other file systems perhaps, and can be told where it does
      // not answer itself.
      resolved.set(Files.resolvingLinks(data))
      return Self.result { () throws(StartError) in try openDataDirectory(configuration) }
    }
    let state = try opened.value?.get()
    let own = try waited(
      wait.run("the configuration directory '\(config.readable)'", lane(config)) {
        Self.result { () throws(StartError) in try readConfiguration(configuration, beside: state) }
      })
    let namedKeys = NamedKeysFile(configuration.keysFile)
    namedKeys.take(own.keys)
    return FilesOfStart(
      locks: Locks(
        (state?.locks ?? []) + (own.lock.map { [$0] } ?? []), missing: state?.missing,
        late: state == nil ? opened : nil),
      key: own.key, namedKeys: namedKeys, survey: own.survey,
      place: state?.place ?? DataPlace(unanswered: resolved.value ?? data),
      runState: state?.runState
        ?? (
          [],
          "The run state cannot be read, because its file system does not answer; what an earlier supervisor left running is found by its marks"
        ))
  }

  private static func readConfiguration(
    _ configuration: Configuration, beside data: DataState?
  ) throws(StartError) -> ConfigurationState {
    let lock = try lockConfiguration(configuration, beside: data)
    let key = try ResolvedKey.resolve(configuration.key)
    let keys = try NamedKeysFile.readAtStart(
      configuration.keysFile, at: Clock.system.monotonic())
    return ConfigurationState(
      lock: lock, key: key, keys: keys, survey: try readProcesses(configuration))
  }

  private static func result<Value: Sendable>(
    _ body: () throws(StartError) -> Value
  ) -> Result<Value, StartError> {
    do throws(StartError) {
      return .success(try body())
    } catch {
      return .failure(error)
    }
  }

  /// The value of something that was waited for without a limit.
  static func waited<Value, Failure>(
    _ awaited: Awaited<Result<Value, Failure>>
  ) throws(Failure) -> Value {
    guard let result = awaited.value else { preconditionFailure("it was not waited for") }
    return try result.get()
  }

  /// The processes of the files. A `processes.json` that cannot be read or parsed stops the start:
  /// going on would lose what it holds at the next save. A fragment, which the daemon never writes,
  /// is left out and named.
  private static func readProcesses(
    _ configuration: Configuration
  ) throws(StartError) -> DefinitionFiles.Survey {
    let survey = DefinitionFiles(configuration).survey()
    if let refusal = survey.refusals.first {
      throw StartError("\(refusal)", errorNumber: refusal.errorNumber)
    }
    return survey
  }
}
