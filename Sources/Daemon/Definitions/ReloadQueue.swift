import API
import Supervision
import UV

/// Reads the files of processes again, and has done what they say, or has it only told.
///
/// One reload waits for the other. It waits for `processes.json` as well while that is being
/// written: what was added a moment ago would be missing in the old file, and be taken for removed.
final class ReloadQueue {
  private let context: DaemonContext
  private let parts: Parts
  private let files: DefinitionFiles
  private let configDirectory: String
  private let fragmentDirectory: String
  /// Gives up waiting for the files.
  private let timer: Timer
  /// Those that have not begun.
  private var waiting: [Reload] = []
  /// The one whose files are being read, and since when; the reload is nil once it was told that
  /// they do not answer.
  private var reading: (reload: Reload?, since: Duration)?
  /// Whether the supervisor has not answered one yet.
  private var isUnderWay = false
  private var isBeginning = false
  /// Whether files of `processes.d` were read: a directory that has vanished does not mean that
  /// they are to go.
  private var hadFragments = false
  /// How long the files are waited for.
  private static let patience: Duration = .seconds(30)

  /// What reloads are done with.
  struct Parts {
    let dispatcher: EventDispatcher
    let saves: DefinitionSaves
    let localTime: LocalTimeReader
    let problems: Problems
    /// Why a definition could never be started here, as `/add` has it; nil if it could.
    let refusal: (ProcessDefinition) -> String?
  }

  private struct Reload {
    let isDryRun: Bool
    /// Tells what became of it.
    let answer: (Reply) -> Void
  }

  init(
    _ context: DaemonContext, _ parts: Parts, _ configuration: Configuration
  ) throws(UVError) {
    self.context = context
    self.parts = parts
    files = DefinitionFiles(configuration)
    configDirectory = configuration.configDirectory
    fragmentDirectory = configuration.fragmentDirectory
    timer = try Timer(on: context.loop)
  }

  /// Has a reload done when its turn has come.
  /// - Parameters:
  ///   - isDryRun: has it only told.
  ///   - answer: called once, with what became of it.
  func add(isDryRun: Bool, _ answer: @escaping (Reply) -> Void) {
    waiting.append(Reload(isDryRun: isDryRun, answer: answer))
    beginNext()
  }

  /// Notes what the start has read.
  func start(with survey: DefinitionFiles.Survey) {
    parts.saves.file.note(survey.savedBytes)
    hadFragments = survey.fragmentCount > 0
    show(survey)
  }

  /// What the pool has read for a reload.
  private struct FilesRead: Sendable {
    var survey: DefinitionFiles.Survey
    var hasFragmentDirectory: Bool
    var localTime: LocalTimeReader.Reading
  }

  /// Begins the next reload if nothing is in its way.
  func beginNext() {
    guard !parts.dispatcher.isDispatching, !isBeginning else { return }
    isBeginning = true
    while !isUnderWay, parts.saves.isIdle, !waiting.isEmpty {
      if let reading {
        // Those that come while the files are being read wait for their turn, but not for a disk
        // that hangs.
        guard reading.reload == nil else { break }
        waiting.removeFirst().answer(notRead(since: reading.since))
      } else {
        begin(waiting.removeFirst())
      }
    }
    isBeginning = false
  }

  private func begin(_ reload: Reload) {
    // Then it is refused, whatever the files say.
    guard !parts.dispatcher.isShuttingDown else { return ask(reload, []) }
    reading = (reload, context.now)
    let span = parts.localTime.span
    let count = parts.saves.count
    PoolWork.run(on: context.loop, .ownFiles(directory: configDirectory)) {
      [files, fragmentDirectory] in
      FilesRead(
        survey: files.survey(), hasFragmentDirectory: Files.isDirectory(fragmentDirectory),
        localTime: LocalTimeReader.read(span))
    } then: { [self] files in
      let reload = reading?.reload
      reading = nil
      timer.stop()
      if let reload {
        if parts.saves.count == count {
          // No other one comes in between.
          isBeginning = true
          carryOut(reload, files)
          isBeginning = false
        } else {
          // What was added meanwhile is missing in what was read, and would be taken for removed.
          waiting.insert(reload, at: 0)
        }
      }
      beginNext()
    }
    timer.start(after: Self.patience) { [unowned self] in giveUpReading() }
  }

  private func giveUpReading() {
    guard let (wanted, since) = reading, let reload = wanted else { return }
    reading = (nil, since)
    reload.answer(notRead(since: since))
    beginNext()
  }

  private func notRead(since: Duration) -> Reply {
    let seconds = (context.now - since).components.seconds
    return .refused(
      .failure,
      message:
        "Nothing is reloaded: the file system of '\(configDirectory.readable)' has not answered for \(seconds) seconds"
    )
  }

  /// What the files say reaches the supervisor before anything else can happen.
  private func carryOut(_ reload: Reload, _ files: FilesRead) {
    let survey = files.survey
    var definitions: [ConfiguredDefinition] = []
    if !parts.dispatcher.isShuttingDown {
      do throws(ConfigurationFile.Failure) {
        definitions = try survey.complete()
        try refuseLoss(files)
        try refuseExcess(of: definitions)
      } catch {
        return reload.answer(.refused(.conflict, message: "Nothing is reloaded: \(error)"))
      }
    }
    parts.localTime.note(files.localTime)
    ask(reload.isDryRun ? reload : following(survey, reload), definitions)
  }

  private func ask(_ reload: Reload, _ definitions: [ConfiguredDefinition]) {
    isUnderWay = true
    parts.dispatcher.ask(.reload(definitions, isDryRun: reload.isDryRun)) { [self] reply in
      isUnderWay = false
      reload.answer(reply)
    }
  }

  /// What is missing is not taken for removed: a disk may not be mounted.
  private func refuseLoss(_ files: FilesRead) throws(ConfigurationFile.Failure) {
    let survey = files.survey
    if survey.savedBytes == nil, parts.saves.file.wasThere {
      throw ConfigurationFile.Failure(
        description:
          "'\(self.files.processesFile)' is missing; to remove all processes in it, write [] into it"
      )
    }
    guard survey.fragmentCount == 0, hadFragments, !files.hasFragmentDirectory else { return }
    throw ConfigurationFile.Failure(
      description:
        "'\(fragmentDirectory)' is missing; to remove all processes in it, make it and leave it empty"
    )
  }

  /// Refuses what could never start here, as `/add` does. What is there already stays.
  private func refuseExcess(
    of definitions: [ConfiguredDefinition]
  ) throws(ConfigurationFile.Failure) {
    for configured in definitions {
      let definition = configured.definition
      guard parts.dispatcher.supervisor.definition(ofService: definition.id) != definition,
        let reason = parts.refusal(definition)
      else { continue }
      let file = configured.fragment ?? files.processesFile
      throw ConfigurationFile.Failure(description: "\(file): process '\(definition.id)': \(reason)")
    }
  }

  /// The same reload, which notes what the daemon has read, and takes it back where nothing comes
  /// of it.
  private func following(_ survey: DefinitionFiles.Survey, _ reload: Reload) -> Reload {
    let before = parts.saves.file.note(survey.savedBytes)
    return Reload(isDryRun: false) { [self] reply in
      if case .refused = reply {
        parts.saves.file.restore(before, unless: survey.savedBytes)
      } else {
        hadFragments = survey.fragmentCount > 0
        show(survey)
        parts.problems.clear(.processesFile)
      }
      reload.answer(reply)
    }
  }

  /// Says what is wrong with the files that were read.
  private func show(_ survey: DefinitionFiles.Survey) {
    parts.problems.replace(
      .definitionFile,
      with: survey.leftOut.map { mistake in
        let file = mistake.file.readable
        return (file, "'\(file)' is left out: \(mistake.message)")
      })
    parts.problems.replace(
      .filePermissions, with: survey.warnings.map { ($0.file, $0.message) }, level: .warning)
    for warning in survey.deprecations { context.log.warning(warning) }
  }

  func close() { timer.close() }
}
