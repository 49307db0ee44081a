import UV

/// The owners of the files that say which processes there are.
struct DefinitionOwners {
  let saves: DefinitionSaves
  let localTime: LocalTimeReader
  let files: DefinitionFilesReader

  /// Makes them; nothing is read yet.
  init(
    _ context: DaemonContext, _ problems: Problems, _ handler: RequestDispatcher,
    _ configuration: Configuration
  ) throws(UVError) {
    saves = try DefinitionSaves(context, problems, path: configuration.processesFile)
    localTime = try LocalTimeReader(context)
    files = DefinitionFilesReader(
      context,
      DefinitionFilesReader.Parts(
        saved: saves.file, localTime: localTime, problems: problems, refusal: handler.refusal),
      configuration)
  }
}
