/// What the answer to `/add` or `/update` says beside the reply of the supervisor.
package struct AnswerNotes: Hashable, Sendable {
  /// Old names that the body uses; nil for the other routes.
  package var warnings: [String]?
  /// What an update changes; nil for everything else.
  package var changed: [DefinitionChange]?

  /// Nothing beside the reply.
  package init(warnings: [String]? = nil, changed: [DefinitionChange]? = nil) {
    self.warnings = warnings
    self.changed = changed
  }
}

extension JSONWriter {
  mutating func notes(_ notes: AnswerNotes) {
    if let changed = notes.changed {
      name("changed")
      changes(changed)
    }
    if let warnings = notes.warnings {
      name("warnings")
      strings(warnings)
    }
  }
}
