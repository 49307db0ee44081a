import API
import Supervision
import UV

/// Writes `processes.json` for the supervisor.
final class DefinitionSaves {
  /// What is known of the file.
  let file: ProcessesFileStore
  private let context: DaemonContext
  private let problems: Problems

  init(_ context: DaemonContext, _ problems: Problems, path: String) throws(UVError) {
    self.context = context
    self.problems = problems
    file = try ProcessesFileStore(path, on: context.loop, clock: context.clock)
  }

  /// Writes the file; its end is told as ``Event/saved(_:)`` or
  /// ``Event/saveFailed(_:reason:isConflict:)``.
  func save(_ definitions: [ProcessDefinition], _ id: SaveID) {
    file.save(ProcessesFile.render(definitions)) { [self] failure in
      guard let failure else {
        problems.clear(.processesFile)
        return context.send(.saved(id))
      }
      let reason = failure.description
      // The supervisor writes the line.
      problems.raise(.processesFile, "processes.json is not written: \(reason)", level: nil)
      let isConflict = if case .changed = failure { true } else { false }
      context.send(.saveFailed(id, reason: reason, isConflict: isConflict))
    }
  }

  func close() { file.close() }
}
