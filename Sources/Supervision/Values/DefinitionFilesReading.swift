/// What the files of definitions say, and what the daemon has noticed of them while it read them.
package struct DefinitionFilesReading: Hashable, Sendable {
  /// What they say.
  package var definitions: [ConfiguredDefinition] = []
  /// Why what they say cannot be used at all, in words; nil if it can.
  package var failure: String?
  /// What was there when the files were last taken, and is missing now.
  package var losses: [Loss] = []
  /// The path of `processes.json`, for messages.
  package var savedFile: String
  /// Why a process could never be started by this daemon, in words, by the id of the process.
  package var excesses: [String: String] = [:]

  /// A file or directory that is missing: a disk may not be mounted.
  package enum Loss: Hashable, Sendable {
    /// `processes.json`, at this path.
    case savedFile(String)
    /// The directory of the fragments, at this path.
    case fragments(String)
  }

  /// What an empty `processes.json` says.
  package init(savedFile: String) {
    self.savedFile = savedFile
  }
}
