import API
import Supervision
import UV

/// Reads the files of processes again for the supervisor, and notes what holds of what it has read.
final class DefinitionFilesReader {
  private let context: DaemonContext
  private let parts: Parts
  private let files: DefinitionFiles
  private let configDirectory: String
  private let fragmentDirectory: String
  /// What was read last, until the supervisor has said what becomes of it.
  private var latest: DefinitionFiles.Survey?
  /// Whether fragments were there when the files were last taken: a directory that has vanished
  /// does not mean that they are to go.
  private var hadFragments = false
  /// What was noted of `processes.json` when it was last taken.
  private var note: ProcessesFileStore.Note?

  /// What reading is done with.
  struct Parts {
    /// What is known of `processes.json`.
    let saved: ProcessesFileStore
    let localTime: LocalTimeReader
    let problems: Problems
    /// Why a definition could never be started here, as `/add` has it; nil if it could.
    let refusal: (ProcessDefinition) -> String?
  }

  init(_ context: DaemonContext, _ parts: Parts, _ configuration: Configuration) {
    self.context = context
    self.parts = parts
    files = DefinitionFiles(configuration)
    configDirectory = configuration.configDirectory
    fragmentDirectory = configuration.fragmentDirectory
  }

  /// Notes what the start has read.
  func start(with survey: DefinitionFiles.Survey) {
    take(survey)
  }

  /// What the pool has read.
  private struct FilesRead: Sendable {
    var survey: DefinitionFiles.Survey
    var hasFragmentDirectory: Bool
    var localTime: LocalTimeReader.Reading
  }

  /// Reads the files, and the local time with them. Told as ``Event/definitionFilesRead(_:)``, as
  /// soon as their file system answers.
  func read() {
    let span = parts.localTime.span
    PoolWork.run(on: context.loop, .ownFiles(directory: configDirectory)) {
      [files, fragmentDirectory] in
      FilesRead(
        survey: files.survey(), hasFragmentDirectory: Files.isDirectory(fragmentDirectory),
        localTime: LocalTimeReader.read(span))
    } then: { [self] files in
      parts.localTime.note(files.localTime)
      latest = files.survey
      // It is handled, and what follows is done, before this returns.
      context.send(.definitionFilesRead(reading(of: files)))
      latest = nil
    }
  }

  private func reading(of files: FilesRead) -> DefinitionFilesReading {
    let survey = files.survey
    var reading = DefinitionFilesReading(savedFile: self.files.processesFile)
    do throws(ConfigurationFile.Failure) {
      reading.definitions = try survey.complete()
    } catch {
      reading.failure = "\(error)"
    }
    if survey.savedBytes == nil, parts.saved.wasThere {
      reading.losses.append(.savedFile(self.files.processesFile))
    }
    if survey.fragmentCount == 0, hadFragments, !files.hasFragmentDirectory {
      reading.losses.append(.fragments(fragmentDirectory))
    }
    for configured in reading.definitions {
      reading.excesses[configured.definition.id] = parts.refusal(configured.definition)
    }
    return reading
  }

  /// What was read last holds from now on.
  func take() {
    guard let latest else { preconditionFailure("no files were read") }
    take(latest)
    parts.problems.clear(.processesFile)
  }

  private func take(_ survey: DefinitionFiles.Survey) {
    note = parts.saved.note(survey.savedBytes)
    hadFragments = survey.fragmentCount > 0
    show(survey)
  }

  /// It does not after all: what the daemon knew of `processes.json` before is what it knows.
  func giveBack() {
    if let note { parts.saved.restore(note) }
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
}
