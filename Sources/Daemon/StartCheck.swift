import API
import Supervision
import UV

/// `exeio serve --check`: judges what a start or a reload would read, as `nginx -t` does. Nothing is bound, locked, made or written.
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
    let mistakes =
      keys() + directories() + files.mistakes(of: survey) + processes(survey.definitions)
    for warning in configuration.warnings + survey.warnings.map(\.message) + survey.deprecations {
      SystemProcess.writeToStandardError("exeio: warning: \(warning)\n")
    }
    for mistake in mistakes { SystemProcess.writeToStandardError("exeio: \(mistake)\n") }
    guard mistakes.isEmpty else { return 1 }
    SystemProcess.writeToStandardOutput(
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
    do throws(StartError) {
      try NamedKeysFile(configuration.keysFile).checkAtStart()
    } catch {
      mistakes.append(error.message)
    }
    return mistakes
  }

  /// Those that are there have to be directories that can be written; the others are made by a start.
  private func directories() -> [String] {
    [
      (configuration.configDirectory, OptionName.configDirectory),
      (configuration.dataDirectory, .dataDirectory), (configuration.logDirectory, .logDirectory),
    ].compactMap { path, option in
      do throws(UVError) {
        guard try File.statusNow(path).isDirectory else {
          return "'\(path)' is not a directory; choose another with --\(option.rawValue)"
        }
      } catch {
        return error.name == "ENOENT" ? nil : "\(error)"
      }
      return Files.isWritable(path)
        ? nil : "'\(path)' is not writable; make it so or choose another with --\(option.rawValue)"
    }
  }

  /// What does not fit together, and what could never start here.
  private func processes(_ definitions: [ConfiguredDefinition]) -> [String] {
    var mistakes: [String] = []
    func name(_ configured: ConfiguredDefinition) -> String {
      "\(configured.fragment ?? configuration.processesFile): process '\(configured.definition.id)'"
    }
    var supervisor = Supervisor()
    let now = Moment(
      monotonic: SystemProcess.monotonicClock, sinceEpoch: SystemProcess.wallClock)
    _ = supervisor.handle(.load(definitions), at: now)
    var owners: [String: String] = [:]
    do throws(UVError) {
      let privileges = try Privileges.own()
      for configured in definitions {
        if let excess = privileges.excess(of: configured.definition) {
          mistakes.append("\(name(configured)): \(excess)")
        }
      }
    } catch {
      mistakes.append("\(error)")
    }
    for configured in definitions {
      let definition = configured.definition
      if let first = definition.runNames.first, let entry = supervisor.entry(first, at: now),
        entry.status == .failed, let fault = entry.error
      {
        mistakes.append("\(name(configured)): \(fault)")
      }
      for address in definition.execution.listen {
        let key = "\(address)"
        if let other = owners.updateValue(definition.id, forKey: key), other != definition.id {
          mistakes.append("\(name(configured)): \"listen\" has an address of process '\(other)'")
        }
      }
    }
    return mistakes
  }
}
