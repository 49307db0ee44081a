import API
import Basics
package import Supervision
import UV

/// The files that say which processes there are: `processes.json`, and the fragments beside it.
package struct DefinitionFiles: Sendable {
  private let configDirectory: String
  let processesFile: String
  private let fragmentDirectory: String

  /// The most bytes that one of them may have.
  static let limit = 256 << 20

  /// Those of a configuration.
  package init(_ configuration: Configuration) {
    configDirectory = configuration.configDirectory
    processesFile = configuration.processesFile
    fragmentDirectory = configuration.fragmentDirectory
  }

  /// What all files say, and everything that is wrong with them.
  package struct Survey: Sendable {
    /// Those of `processes.json` first, then those of the fragments by their names, byte by byte.
    package var definitions: [ConfiguredDefinition] = []
    /// The bytes of `processes.json`; nil if there is no such file.
    package var savedBytes: [UInt8]?
    /// How many fragments there are.
    package var fragmentCount = 0
    /// Why nothing can be loaded at all: of `processes.json` and the directories.
    package var refusals: [ConfigurationFile.Failure] = []
    /// The fragments that are left out, and why.
    package var leftOut: [Mistake] = []
    /// Files that can be used, but tell secrets to every user of the machine.
    package var warnings: [Mistake] = []
    /// What is said of old names of fields, which are taken.
    package var deprecations: [String] = []
  }

  /// What is wrong with a file.
  package struct Mistake: Sendable {
    package let file: String
    package let message: String
    /// The errno behind it, where there is one.
    var errorNumber: Int32?
  }

  /// What all of them say. A file that cannot be read or parsed makes all of them useless: what it
  /// says may not be taken for gone. Throws what is wrong with the first such file, and what to do.
  package func read() throws(ConfigurationFile.Failure) -> [ConfiguredDefinition] {
    try survey().complete()
  }

  /// Reads all of them. A fragment that is wrong is left out as a whole, with all of its processes.
  package func survey() -> Survey {
    var survey = Survey()
    var ids = DefinedIDs()
    do throws(ConfigurationFile.Failure) {
      try refuseForeign(configDirectory)
    } catch {
      survey.refusals.append(error)
    }
    do throws(ConfigurationFile.Failure) {
      try addSaved(to: &survey, &ids)
    } catch {
      survey.refusals.append(error)
    }
    let fragments: [String]
    do throws(ConfigurationFile.Failure) {
      fragments = try self.fragments()
    } catch {
      survey.refusals.append(error)
      return survey
    }
    survey.fragmentCount = fragments.count
    for file in fragments {
      do throws(ConfigurationFile.Failure) {
        let (status, bytes) = try contents(of: file)
        let contents = try parse(bytes, file, FragmentFile.parse)
        try add(contents, from: file, isFragment: true, to: &survey, &ids)
        noteReadableSecrets(contents.definitions, file, status, in: &survey)
      } catch {
        survey.leftOut.append(
          Mistake(file: file, message: error.description, errorNumber: error.errorNumber))
      }
    }
    return survey
  }

  private func addSaved(
    to survey: inout Survey, _ ids: inout DefinedIDs
  ) throws(ConfigurationFile.Failure) {
    let file: (status: FileStatus, bytes: [UInt8])
    do throws(ConfigurationFile.Failure) {
      file = try contents(of: processesFile)
    } catch {
      guard error.isAbsence else { throw error }
      // A link to a disk that is not mounted says nothing of the processes.
      if let target = Files.target(ofLink: processesFile) {
        throw ConfigurationFile.Failure(
          description:
            "'\(processesFile)' is a link to '\(target)', which is missing; mount or make it, or remove the link"
        )
      }
      return
    }
    survey.savedBytes = file.bytes
    do throws(ConfigurationFile.Failure) {
      let contents = try parse(file.bytes, processesFile, ProcessesFile.parse)
      try add(contents, from: processesFile, isFragment: false, to: &survey, &ids)
      noteReadableSecrets(contents.definitions, processesFile, file.status, in: &survey)
    } catch {
      throw pointingToBackup(error)
    }
  }

  /// A write in place that was cut off by a crash has left the contents of before beside the file.
  private func pointingToBackup(
    _ failure: ConfigurationFile.Failure
  ) -> ConfigurationFile.Failure {
    let backup = Files.backup(of: Files.resolvingLinks(processesFile))
    do throws(UVError) {
      _ = try Files.status(of: backup)
    } catch {
      // There is none, or none that can be seen.
      return failure
    }
    var failure = failure
    failure.description += "; what it held before its last write in place is in '\(backup)'"
    return failure
  }

  /// Adds the definitions of a file: all, or none where one of them has a name that is taken.
  private func add(
    _ contents: FileDefinitions, from file: String, isFragment: Bool, to survey: inout Survey,
    _ ids: inout DefinedIDs
  ) throws(ConfigurationFile.Failure) {
    var known = ids
    for definition in contents.definitions {
      try Self.refuse(known.add(definition.id, in: file))
    }
    let all =
      survey.definitions
      + contents.definitions.map { ConfiguredDefinition($0, fragment: isFragment ? file : nil) }
    for configured in all {
      try Self.refuse(known.clash(of: configured.definition, in: self.file(of: configured)))
    }
    ids = known
    survey.definitions = all
    survey.deprecations += contents.warnings
  }

  private static func refuse(_ reason: String?) throws(ConfigurationFile.Failure) {
    if let reason { throw ConfigurationFile.Failure(description: reason) }
  }

  /// The file that defines a process.
  func file(of configured: ConfiguredDefinition) -> String { configured.fragment ?? processesFile }

  /// The values of environments are often secrets.
  private func noteReadableSecrets(
    _ definitions: [ProcessDefinition], _ file: String, _ status: FileStatus,
    in survey: inout Survey
  ) {
    guard status.mode & 0o004 != 0,
      let first = definitions.first(where: { !$0.execution.environment.isEmpty })
    else { return }
    survey.warnings.append(
      Mistake(
        file: file,
        message:
          "'\(file)' holds environment values, those of '\(first.id)' for instance, and can be read by every user of the machine: chmod o-r '\(file)'"
      ))
  }

  /// The paths of the fragments, sorted; none where there is no directory.
  private func fragments() throws(ConfigurationFile.Failure) -> [String] {
    let fragments = try fragmentPaths()
    try refuseForeign(fragmentDirectory)
    return fragments
  }

  /// The same, also where another user can change the directory.
  func fragmentPaths() throws(ConfigurationFile.Failure) -> [String] {
    let names: [String]
    do throws(UVError) {
      names = try Files.names(in: fragmentDirectory)
    } catch {
      let failure = ConfigurationFile.Failure(error)
      guard failure.isAbsence else { throw failure }
      return []
    }
    return names.filter { $0.hasSuffix(".json") && !$0.hasPrefix(".") }
      .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
      .map { "\(fragmentDirectory)/\($0)" }
  }

  private func refuseForeign(_ directory: String) throws(ConfigurationFile.Failure) {
    let status: FileStatus
    do throws(UVError) {
      status = try Files.status(of: directory)
    } catch {
      // Where there is no such directory, there are no files in it either.
      guard error.code == .noSuchFileOrDirectory else { throw ConfigurationFile.Failure(error) }
      return
    }
    try ConfigurationFile.refuseForeign(status, directory)
  }

  private func contents(
    of path: String
  ) throws(ConfigurationFile.Failure) -> (status: FileStatus, bytes: [UInt8]) {
    let file = try ConfigurationFile.read(path, limit: Self.limit, isSecret: false)
    try ConfigurationFile.refuseForeign(file.status, path)
    return file
  }

  private func parse(
    _ bytes: [UInt8], _ path: String,
    _ parse: ([UInt8], String) throws(JSONFileError) -> FileDefinitions
  ) throws(ConfigurationFile.Failure) -> FileDefinitions {
    do throws(JSONFileError) {
      return try parse(bytes, path)
    } catch {
      throw ConfigurationFile.Failure(description: "\(error); mend the file or move it away")
    }
  }
}

extension DefinitionFiles.Survey {
  /// The definitions, where nothing is wrong with any file.
  func complete() throws(ConfigurationFile.Failure) -> [ConfiguredDefinition] {
    if let refusal = refusals.first { throw refusal }
    if let mistake = leftOut.first {
      throw ConfigurationFile.Failure(
        description: mistake.message, errorNumber: mistake.errorNumber)
    }
    return definitions
  }
}
