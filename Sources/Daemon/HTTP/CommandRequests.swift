import API
import HTTP
import Supervision
import UV

/// Hands the commands of clients to the supervisor, whose reply is the answer to the request.
final class CommandRequests {
  private let parts: RequestActions.Parts
  private let requests: RequestDispatcher

  init(_ parts: RequestActions.Parts, _ requests: RequestDispatcher) {
    self.parts = parts
    self.requests = requests
  }

  /// Has a command performed, once it is sure that `processes.json` may be changed if that is to
  /// be known before.
  /// - Parameter isForced: whether saves may overwrite what another hand has put into
  ///   `processes.json`.
  func perform(_ command: Command, isForced: Bool, _ ticket: Ticket) {
    if let refusal = parts.limits.refusal(of: command) {
      return requests.answer(ticket, with: refusal)
    }
    guard isForced || parts.dispatcher.supervisor.actsBeforeItsSave(command) else {
      return ask(command, isForced: false, ticket)
    }
    lookAtFile(isForced: isForced, ticket) { [self] in ask(command, isForced: isForced, ticket) }
  }

  /// Changes some fields of a definition. Nothing can change it between the look at it and the
  /// command; while another change is under way, the command is refused.
  func merge(_ patch: MergePatch, _ id: String, isForced: Bool, _ ticket: Ticket) {
    guard isForced else { return merge(patch, id, ticket) { ask($0, isForced: false, ticket) } }
    lookAtFile(isForced: true, ticket) { [self] in
      merge(patch, id, ticket) { ask($0, isForced: true, ticket) }
    }
  }

  private func merge(
    _ patch: MergePatch, _ id: String, _ ticket: Ticket, ask: (Command) -> Void
  ) {
    guard let definition = parts.dispatcher.supervisor.definition(ofService: id) else {
      return reply(parts.dispatcher.supervisor.refusal(ofUpdating: id), ticket)
    }
    let (routed, warnings) = requests.merge(patch, into: definition)
    requests.update(ticket) { $0.notes.warnings = warnings }
    switch routed {
    case .command(let command): ask(command)
    case .response(let response): requests.answer(ticket, with: response)
    default: preconditionFailure("a patch comes to a command or a refusal")
    }
  }

  /// Hands a command to the supervisor.
  private func ask(_ command: Command, isForced: Bool, _ ticket: Ticket) {
    if case .update(let definition) = command { noteChanges(to: definition, ticket) }
    parts.dispatcher.ask(command, ticket) { [self] reply in
      if isForced { parts.saves.file.keepAll() }
      parts.lastReload.note(command, reply)
      self.reply(reply, ticket)
    }
  }

  private func reply(_ reply: Reply, _ ticket: Ticket) {
    requests.answer(
      ticket,
      with: Answers.reply(
        reply, notes: requests[ticket].record.notes, context: parts.presentEntryContext))
  }

  /// Looks whether another hand has changed `processes.json`, and refuses the request if so; a
  /// forced one goes on, once there is a backup.
  private func lookAtFile(isForced: Bool, _ ticket: Ticket, then body: @escaping () -> Void) {
    parts.saves.file.look(isForced: isForced) { [requests] failure in
      switch failure {
      case nil: body()
      case .changed(let reason):
        requests.answer(ticket, with: Answers.refused(.conflict, "Nothing is changed: \(reason)"))
      case .system(let error):
        requests.answer(
          ticket, with: Answers.refused(.internalServerError, "Nothing is changed: \(error)"))
      }
    }
  }

  /// The answer lists what changes, and the audit names the fields, never their values.
  private func noteChanges(to definition: ProcessDefinition, _ ticket: Ticket) {
    guard let old = parts.dispatcher.supervisor.definition(ofService: definition.id) else { return }
    let changed = DefinitionChange.between(
      old, definition, hidesEnvironment: requests[ticket].record.hidesEnvironment)
    requests.update(ticket) { record in
      record.notes.changed = changed
      if !changed.isEmpty { record.add("(\(changed.map(\.field).joined(separator: ", ")))") }
    }
  }
}
