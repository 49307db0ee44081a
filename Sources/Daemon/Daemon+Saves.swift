import API
import HTTP
import Supervision
import UV

/// Writing `processes.json`.
extension Daemon {
  /// After this long a write that failed is tried again.
  private static let saveRetryInterval: Duration = .seconds(10)

  func save(_ definitions: [ProcessDefinition], _ id: SaveID) {
    savesUnderWay += 1
    saveCount += 1
    processesFile.save(ProcessesFile.render(definitions)) { [self] failure in
      savesUnderWay -= 1
      guard let failure else {
        problems.clear(.processesFile)
        return send(.saved(id))
      }
      let reason = failure.description
      // The supervisor writes the line.
      problems.raise(.processesFile, "processes.json is not written: \(reason)", level: nil)
      let isConflict = if case .changed = failure { true } else { false }
      send(.saveFailed(id, reason: reason, isConflict: isConflict))
      if !isFinishing, supervisor.hasUnwritten {
        saveTimer.start(after: Self.saveRetryInterval) { [self] in send(.saveDue) }
      }
    }
  }

  /// Has a command carried out that may change `processes.json`, once it is sure that the file may be changed.
  func look(before command: Command, isForced: Bool, _ context: RequestContext) {
    if let refusal = refusalForDescriptors(command) { return answer(context, with: refusal) }
    // The others write first and act then, so their write may look as well.
    guard isForced || removesSaved(command) else {
      return ask(command, isForced: false, context)
    }
    lookAtFile(isForced: isForced, context) { [self] in ask(command, isForced: isForced, context) }
  }

  /// Looks whether another hand has changed `processes.json`, and refuses the request if so; a forced one goes on,
  /// once there is a backup.
  func lookAtFile(
    isForced: Bool, _ context: RequestContext, then body: @escaping () -> Void
  ) {
    processesFile.look(isForced: isForced) { [self] failure in
      switch failure {
      case nil: body()
      case .changed(let reason):
        answer(context, with: Answers.refused(.conflict, "Nothing is changed: \(reason)"))
      case .system(let error):
        answer(
          context, with: Answers.refused(.internalServerError, "Nothing is changed: \(error)"))
      }
    }
  }

  private func removesSaved(_ command: Command) -> Bool {
    guard case .remove(let id, _) = command else { return false }
    return supervisor.definition(ofService: id)?.isSaved == true
      && supervisor.fragment(ofService: id) == nil
  }
}
