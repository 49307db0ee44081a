import API
package import Supervision
import UV

/// The files that say which processes there are: `processes.json`, and the fragments beside it.
package struct DefinitionFiles {
  private let processesFile: String
  private let fragmentDirectory: String

  /// The most bytes that one of them may have.
  private static let limit = 256 << 20

  /// Those of a configuration.
  package init(_ configuration: Configuration) {
    processesFile = configuration.processesFile
    fragmentDirectory = configuration.fragmentDirectory
  }

  /// What all of them say, those of `processes.json` first, then the fragments by their names, byte by byte.
  /// A file that cannot be read or parsed makes all of them useless: what it says may not be taken for gone.
  /// Throws what is wrong with the first such file, and what to do.
  package func read() throws(ConfigurationFile.Failure) -> [ConfiguredDefinition] {
    var definitions: [ConfiguredDefinition] = []
    var files: [String: String] = [:]
    for definition in try saved() { try add(definition, nil) }
    for file in try fragments() {
      for definition in try parse(file, FragmentFile.parse) { try add(definition, file) }
    }
    for configured in definitions { try refuseClash(configured) }
    return definitions

    func add(
      _ definition: ProcessDefinition, _ fragment: String?
    ) throws(ConfigurationFile.Failure) {
      let file = fragment ?? processesFile
      if let other = files.updateValue(file, forKey: definition.id) {
        throw ConfigurationFile.Failure(
          description:
            "the process '\(definition.id)' is defined in '\(other)' and in '\(file)'; take one of them away"
        )
      }
      definitions.append(ConfiguredDefinition(definition, fragment: fragment))
    }

    // Only one of the two could be loaded, and the other would be gone from `processes.json` with its next write.
    func refuseClash(_ configured: ConfiguredDefinition) throws(ConfigurationFile.Failure) {
      let definition = configured.definition
      guard definition.instances != nil else { return }
      for name in definition.runNames {
        guard let other = files[name] else { continue }
        throw ConfigurationFile.Failure(
          description:
            "the process '\(name)' in '\(other)' has the name of a copy of '\(definition.id)' in '\(configured.fragment ?? processesFile)'; rename one of them"
        )
      }
    }
  }

  /// None where there is no file.
  private func saved() throws(ConfigurationFile.Failure) -> [ProcessDefinition] {
    do throws(ConfigurationFile.Failure) {
      return try parse(processesFile, ProcessesFile.parse)
    } catch {
      guard error.isAbsence else { throw error }
      return []
    }
  }

  /// The paths of the fragments, sorted; none where there is no directory.
  private func fragments() throws(ConfigurationFile.Failure) -> [String] {
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

  private func parse(
    _ path: String, _ parse: ([UInt8], String) throws(JSONFileError) -> [ProcessDefinition]
  ) throws(ConfigurationFile.Failure) -> [ProcessDefinition] {
    let bytes = try ConfigurationFile.read(path, limit: Self.limit, isSecret: false).bytes
    do throws(JSONFileError) {
      return try parse(bytes, path)
    } catch {
      throw ConfigurationFile.Failure(description: "\(error); mend the file or move it away")
    }
  }
}
