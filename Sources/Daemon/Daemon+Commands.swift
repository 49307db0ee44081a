import API
import Supervision

extension Daemon {
  /// Has a command performed; the supervisor's reply to it is the answer to the request.
  /// - Parameter isForced: whether saves may overwrite what another hand has put into `processes.json`.
  func ask(_ command: Command, isForced: Bool, _ context: RequestContext) {
    var context = context
    if case .update(let definition) = command { noteChanges(to: definition, &context) }
    if case .remove(let id, deletesLog: true) = command { deleteLogs(ofFormerCopies: id) }
    lastTicket += 1
    let ticket = Ticket(lastTicket)
    waiting[ticket] = context
    if isForced { forcedTickets.insert(ticket) }
    send(.command(command, ticket))
  }

  /// Changes some fields of a definition. Nothing can change it between the look at it and the command; while
  /// another change is under way, the command is refused.
  func merge(_ patch: MergePatch, _ id: String, isForced: Bool, _ context: RequestContext) {
    guard isForced else { return merge(patch, id, context) { ask($0, isForced: false, $1) } }
    lookAtFile(isForced: true, context) { [self] in
      merge(patch, id, context) { ask($0, isForced: true, $1) }
    }
  }

  private func merge(
    _ patch: MergePatch, _ id: String, _ context: RequestContext,
    ask: (Command, RequestContext) -> Void
  ) {
    guard let definition = supervisor.definition(ofService: id) else {
      // There is no such process, or it is a copy: refused as every other update of it.
      return ask(.update(ProcessDefinition(id: id, command: "")), context)
    }
    var context = context
    let (routed, warnings) = router.merge(patch, into: definition)
    context.notes.warnings = warnings
    // What a patch comes to is a command or a refusal.
    if case .command(let command) = routed {
      ask(command, context)
    } else {
      perform(routed, context)
    }
  }

  /// The answer lists what changes, and the audit names the fields, never their values.
  private func noteChanges(to definition: ProcessDefinition, _ context: inout RequestContext) {
    guard let old = supervisor.definition(ofService: definition.id) else { return }
    let changed = DefinitionChange.between(
      old, definition, hidesEnvironment: context.subject?.key.hidesEnvironment ?? true)
    context.notes.changed = changed
    guard !changed.isEmpty else { return }
    context.subject?.add("(\(changed.map(\.field).joined(separator: ", ")))")
  }
}
