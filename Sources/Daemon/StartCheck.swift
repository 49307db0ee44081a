import API
import Basics
import Supervision
import UV

/// `exeio serve --check`: judges what a start or a reload would read, as `nginx -t` does. Nothing
/// is bound, locked, made or written.
struct StartCheck {
  private let configuration: Configuration

  init(_ configuration: Configuration) {
    self.configuration = configuration
  }

  /// Prints every mistake, a line each, to standard error.
  /// - Returns: the exit code: 0, or 1 where there is a mistake; a warning is none.
  func run() -> Int32 {
    let files = DefinitionFiles(configuration)
    let survey = files.survey()
    let judgment = files.judge(survey)
    let mistakes = keys() + directories() + judgment.mistakes + processes(judgment)
    let warnings =
      configuration.warnings + absences() + survey.warnings.map(\.message) + survey.deprecations
    for warning in warnings {
      StandardStreams.writeError("exeio: warning: \(warning)\n")
    }
    for mistake in mistakes { StandardStreams.writeError("exeio: \(mistake)\n") }
    guard mistakes.isEmpty else { return 1 }
    StandardStreams.writeOutput(
      "exeio: all files are right; processes: \(survey.definitions.count)\n")
    return 0
  }

  private func keys() -> [String] {
    var mistakes: [String] = []
    do throws(StartError) {
      try ResolvedKey.check(configuration.key)
    } catch {
      mistakes.append(error.message)
    }
    return mistakes + NamedKeysFile(configuration.keysFile).mistakes()
  }

  /// A start makes the directory: it may be a wrong one all the same, and there is nothing in it.
  private func absences() -> [String] {
    let directory = configuration.configDirectory
    do throws(UVError) {
      _ = try Files.status(of: directory)
      return []
    } catch {
      // Everything else is a mistake.
      guard error.code == .noSuchFileOrDirectory else { return [] }
      return ["there is no directory '\(directory)', and therefore no processes.json"]
    }
  }

  /// Those that are there have to be directories that can be written; the others are made by a
  /// start.
  private func directories() -> [String] {
    [
      (configuration.configDirectory, OptionName.configDirectory),
      (configuration.dataDirectory, .dataDirectory), (configuration.logDirectory, .logDirectory),
    ].compactMap { path, option in
      do throws(UVError) {
        guard try Files.status(of: path).isDirectory else {
          return "'\(path)' is not a directory; choose another with --\(option.rawValue)"
        }
      } catch {
        return error.code == .noSuchFileOrDirectory ? nil : "\(error)"
      }
      return Files.isWritable(path)
        ? nil : "'\(path)' is not writable; make it so or choose another with --\(option.rawValue)"
    }
  }

  /// What does not fit together, and what could never start here.
  private func processes(_ judgment: DefinitionFiles.Judgment) -> [String] {
    let now = Moment(
      monotonic: Clock.monotonicTime, sinceEpoch: Clock.wallTime)
    let supervisor = loaded(judgment, at: now)
    var mistakes = excesses(of: judgment.definitions)
    var addresses = ListenAddresses()
    for configured in judgment.definitions {
      let definition = configured.definition
      if let first = definition.runNames.first,
        let entry = supervisor.entry(first.rawValue, at: now),
        entry.status == .failed, let fault = entry.error
      {
        mistakes.append("\(name(configured)): \(fault)")
      }
      mistakes += addresses.add(definition).map { "\(name(configured)): \($0)" }
    }
    return mistakes
  }

  /// A supervisor that has all of them, and starts none.
  private func loaded(_ judgment: DefinitionFiles.Judgment, at now: Moment) -> Supervisor {
    // What has a mistake of its own stands there, so that what waits for it has none.
    let standIns = judgment.wrongIDs.map {
      ConfiguredDefinition(ProcessDefinition(id: $0, command: "true"), fragment: nil)
    }
    // Which controllers the daemon will have is not known here.
    var supervisor = Supervisor(
      limitControllers: Set(CgroupController.allCases),
      configDirectory: configuration.configDirectory.readable)
    _ = supervisor.handle(.load(judgment.definitions + standIns), at: now)
    return supervisor
  }

  /// What asks for more than this user may do.
  private func excesses(of definitions: [ConfiguredDefinition]) -> [String] {
    do throws(UVError) {
      let privileges = try Privileges.own()
      return definitions.compactMap { configured in
        privileges.excess(of: configured.definition).map { "\(name(configured)): \($0)" }
      }
    } catch {
      return ["\(error)"]
    }
  }

  private func name(_ configured: ConfiguredDefinition) -> String {
    "\(configured.fragment ?? configuration.processesFile): process '\(configured.definition.id)'"
  }
}
