import Basics
package import HTTP
package import Supervision

extension Answers {
  /// One process, or one copy, as `/list` has it, and its whole definition; that of a copy is the
  /// one that all copies have.
  ///
  /// - Parameter hidesEnvironment: Whether values of the environment are shown as `***`.
  package static func status(
    _ entry: ProcessEntry, hidesEnvironment: Bool, context: EntryContext
  ) -> Response {
    var definition = entry.definition
    definition.id = definition.serviceID.rawValue
    var writer = JSONWriter(capacity: 4096)
    writer.beginObject()
    writer.name("success")
    writer.boolean(true)
    writer.members(of: entry, context, logPrefix: context.logPrefix)
    writer.definition(definition, hidesEnvironment: hidesEnvironment)
    writer.endObject()
    return response(.ok, &writer)
  }

  /// A process with several copies: each as `/list` has it, and the definition of all.
  ///
  /// - Parameter entries: Those of the copies, in the order to show.
  package static func status(
    service id: String, definition: ProcessDefinition, entries: [ProcessEntry],
    hidesEnvironment: Bool, context: EntryContext
  ) -> Response {
    var writer = JSONWriter(capacity: 4096 + entries.count * 704)
    writer.beginObject()
    writer.name("success")
    writer.boolean(true)
    writer.name("id")
    writer.string(id)
    writer.name("instances")
    writer.integer(definition.instances ?? 1)
    writer.name("status")
    let statuses = Set(entries.map(\.status))
    writer.string(statuses.count == 1 ? entries[0].status.rawValue : "mixed")
    writer.name("processes")
    writer.entries(entries, context)
    writer.definition(definition, hidesEnvironment: hidesEnvironment)
    writer.endObject()
    return response(.ok, &writer)
  }
}

extension JSONWriter {
  /// The member `definition`.
  fileprivate mutating func definition(_ definition: ProcessDefinition, hidesEnvironment: Bool) {
    name("definition")
    self.definition(hidesEnvironment ? definition.withoutValues : definition, .all)
  }
}
