import Basics

/// Writes of `processes.json`, and what waits for them.
extension Supervisor {
  /// A definition is to take effect once it is on disk.
  mutating func change(
    _ definition: ProcessDefinition, _ kind: Change.Kind, _ ticket: Ticket
  ) -> [Effect] {
    let save = saves.want()
    changes[definition.serviceID] = Change(
      definition: definition, ticket: ticket, kind: kind, save: save)
    reindex(definition.serviceID)
    return sendSave()
  }

  /// Whether a command acts before the write of `processes.json` that it makes necessary: whether
  /// the file may be changed has to be known before. The others write first.
  package func actsBeforeItsSave(_ command: Command) -> Bool {
    guard case .remove(let id, _) = command, let service = services[ServiceID(id)] else {
      return false
    }
    return service.definition.isSaved && service.fragment == nil
  }

  /// Has `processes.json` written if it is wanted and no write is out. What stands in a fragment is
  /// not in it.
  mutating func sendSave() -> [Effect] {
    guard let save = saves.begin() else { return [] }
    var definitions: [ProcessDefinition] = []
    for (id, service) in services where !isBeingRemoved(id) && service.fragment == nil {
      let definition = changes[id]?.definition ?? service.definition
      if definition.isSaved { definitions.append(definition) }
    }
    for (id, change) in changes where services[id] == nil && change.definition.isSaved {
      definitions.append(change.definition)
    }
    return [.save(definitions.sorted { $0.id < $1.id }, save)]
  }

  /// A write is durably on disk: what waited for it goes on.
  mutating func saved(_ save: SaveID, at now: Moment) -> [Effect] {
    saves.end(save)
    unwrittenRemovals = []
    var effects = removalsSaved(save, failure: nil)
    for change in takeChanges(waitingFor: save) {
      effects += isShuttingDown ? keepForNextTime(change) : carryOut(change, at: now)
    }
    return effects + sendSave()
  }

  /// A write that failed is tried again: the file still holds what was removed.
  mutating func saveAgain() -> [Effect] {
    saves.isRetryArmed = false
    guard saves.isBehind, saves.isIdle, !isShuttingDown else { return [] }
    _ = saves.want()
    return sendSave()
  }

  /// A write failed, and the old file stands.
  /// - Parameter isConflict: whether another hand has changed the file, which is kept.
  mutating func saveFailed(
    _ save: SaveID, _ reason: String, isConflict: Bool
  ) -> [Effect] {
    let refused = takeChanges(waitingFor: save)
    let isRetry = refused.isEmpty && !removals.values.contains { $0.save == save }
    var effects: [Effect] = []
    // A file that stays as it is would bring the same line with each retry.
    if !isRetry || saves.failure != reason {
      effects.append(.logSupervisor(Messages.saveFailed(reason), level: .error))
    }
    effects += removalsSaved(save, failure: reason)
    // A write that was not begun because of a conflict has changed nothing, and the changes that
    // waited for it are refused: only a removal, which has happened all the same, is missed in the
    // file.
    let isMissed = !isConflict || !unwrittenRemovals.isEmpty
    saves.fail(save, reason, isMissed: isMissed)
    for change in refused {
      let id = change.definition.serviceID
      let message =
        switch change.kind {
        case .addition: Messages.notAdded(id, reason)
        case .update, .scaling: Messages.notChanged(id, reason)
        }
      effects += answer(
        change.ticket, .refused(isConflict ? .conflict : .failure, message: message))
    }
    return effects + sendSave() + armSaveRetry()
  }

  private mutating func armSaveRetry() -> [Effect] {
    guard saves.isBehind, !isShuttingDown else { return [] }
    saves.isRetryArmed = true
    return [.arm(.saveRetry, after: SaveQueue.retryDelay)]
  }

  /// A shutdown tries again at once.
  mutating func disarmSaveRetry() -> [Effect] {
    guard saves.isRetryArmed else { return [] }
    saves.isRetryArmed = false
    return [.disarm(.saveRetry)]
  }

  /// It is on disk: now it takes effect.
  private mutating func carryOut(_ change: Change, at now: Moment) -> [Effect] {
    switch change.kind {
    case .addition: addNow(change.definition, answering: change.ticket, at: now)
    case .update, .scaling:
      apply(Service(change.definition), change.kind, change.ticket, at: now)
    }
  }

  /// It came onto the disk during a shutdown: it is kept there, and nothing is done.
  private mutating func keepForNextTime(_ change: Change) -> [Effect] {
    let id = change.definition.serviceID
    let message: String
    switch change.kind {
    case .addition:
      services[id] = Service(change.definition)
      message = Messages.startsNextTime(id)
    case .update, .scaling:
      let names = services[id]?.definition.runNames ?? []
      services[id]?.leaving.formUnion(names)
      services[id]?.definition = change.definition
      message = Messages.changesNextTime(id)
    }
    return answer(change.ticket, .refused(.shuttingDown, message: message))
  }

  /// Takes out the changes that wait for a write, sorted by id.
  private mutating func takeChanges(waitingFor save: SaveID) -> [Change] {
    let done = changes.values.filter { $0.save == save }.sorted {
      $0.definition.serviceID < $1.definition.serviceID
    }
    for change in done {
      releaseDependencies(of: change.definition.serviceID)
      changes[change.definition.serviceID] = nil
      reindex(change.definition.serviceID)
    }
    changes.giveBackRoom()
    return done
  }
}
