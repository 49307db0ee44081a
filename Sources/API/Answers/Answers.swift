package import Basics
package import HTTP
package import Supervision

/// Makes responses of what a request came to. All are JSON and end in a newline.
package enum Answers {
  /// The answer to a command.
  package static func reply(
    _ reply: Reply, notes: AnswerNotes = AnswerNotes(), context: EntryContext
  ) -> Response {
    switch reply {
    case .done(let message):
      return object(.ok, success: true, message) { $0.notes(notes) }
    case .created(let entry, let message):
      return object(.created, success: true, message + lifetime([entry])) { writer in
        writer.name("process")
        writer.entry(entry, context, logPrefix: context.logPrefix)
        writer.notes(notes)
      }
    case .createdCopies(let entries, let message):
      return object(.created, success: true, message + lifetime(entries)) { writer in
        writer.name("processes")
        writer.entries(entries, context)
        writer.notes(notes)
      }
    case .results(let outcomes, let message):
      return results(outcomes, .ok, success: outcomes.allSatisfy(\.success), message)
    case .halted(let refusal, let outcomes, let message):
      return results(outcomes, refusal.status, success: false, message)
    case .reloaded(let changes, let message):
      return reloaded(changes, message)
    case .refused(let refusal, let message):
      return refused(refusal.status, message)
    }
  }

  private static func results(
    _ outcomes: [Reply.Outcome], _ status: Status, success: Bool, _ message: String
  ) -> Response {
    object(status, success: success, message) { writer in
      writer.name("results")
      writer.outcomes(outcomes)
    }
  }

  private static func reloaded(_ changes: Reply.Changes, _ message: String) -> Response {
    object(.ok, success: true, message) { writer in
      for (name, ids) in [
        ("added", changes.added), ("removed", changes.removed), ("updated", changes.updated),
        ("unchanged", changes.unchanged),
      ] {
        writer.name(name)
        writer.strings(ids)
      }
    }
  }

  /// What `/add` says of a process that the next start of the daemon does not know.
  private static func lifetime(_ entries: [ProcessEntry]) -> String {
    guard entries.contains(where: { !$0.definition.isSaved }) else { return "" }
    return "; not saved: it does not come back after a restart of the daemon, "
      + "unless \"save_for_next_run\" is true"
  }

  /// All of these processes, in this order.
  package static func list(_ entries: [ProcessEntry], context: EntryContext) -> Response {
    // What most entries take. More room than is needed would be given back to the system and asked
    // for again with each list.
    var writer = JSONWriter(capacity: 2 + entries.count * 704)
    writer.entries(entries, context)
    return response(.ok, &writer)
  }

  /// A page of a log.
  ///
  /// - Parameters:
  ///   - totalLines: How many lines there are on all pages; nil if that is not known yet.
  ///   - lines: As they are in the file, without their newline, in the order to show.
  ///   - numbers: Of the lines; nil if that is not known yet, and if there are none.
  ///   - partial: What is still without its end: the newest lines of the page, in a list of their
  ///     own as well.
  package static func logs(
    _ query: LogsQuery, totalLines: Int?, lines: [ArraySlice<UInt8>], numbers: PageNumbers? = nil,
    partial: [PartialLine] = []
  ) -> Response {
    let partialLines = partial.map(\.line)
    let size = [lines, partialLines].joined().reduce(256) { size, line in size + line.count + 8 }
    var writer = JSONWriter(capacity: size)
    writer.beginObject()
    writer.name("success")
    writer.boolean(true)
    writer.name("page")
    writer.integer(query.page)
    writer.name("page_size")
    writer.integer(query.pageSize)
    writer.name("total_lines")
    if let totalLines { writer.integer(totalLines) } else { writer.null() }
    writer.name("logs")
    writer.beginArray()
    if !query.ascending { for line in partialLines { writer.string(line) } }
    for line in lines { writer.string(line) }
    if query.ascending { for line in partialLines { writer.string(line) } }
    writer.endArray()
    writer.name("partial")
    writer.beginArray()
    for part in partial {
      writer.beginObject()
      writer.name("stream")
      writer.string(part.stream.rawValue)
      writer.name("text")
      writer.string(part.text)
      writer.endObject()
    }
    writer.endArray()
    writer.numbers(numbers)
    writer.endObject()
    return response(.ok, &writer)
  }

  /// 200: what was asked for is done, and what that was.
  package static func done(_ message: String) -> Response {
    object(.ok, success: true, message)
  }

  /// What was asked for is not done, and why.
  package static func refused(_ status: Status, _ message: String) -> Response {
    object(status, success: false, message)
  }

  /// 404: there is no process of that id, which may be what no id can be.
  package static func noSuchProcess(_ id: String) -> Response {
    refused(.notFound, Messages.noSuchProcess(ProcessID.isValid(id) ? id : shortened(id)))
  }

  /// An object with what every answer has, and more if there is more to say.
  static func object(
    _ status: Status, success: Bool, _ message: String,
    _ more: (inout JSONWriter) -> Void = { _ in }
  ) -> Response {
    var writer = JSONWriter()
    writer.beginObject()
    writer.name("success")
    writer.boolean(success)
    writer.name("message")
    writer.string(message)
    more(&writer)
    writer.endObject()
    return response(status, &writer)
  }

  static func response(_ status: Status, _ writer: inout JSONWriter) -> Response {
    writer.endDocument()
    return Response(status, headers: headers, body: writer.bytes)
  }

  /// What every answer says of itself: JSON, of this moment, not to be taken for anything else, and
  /// a page that it leads to need not know where it came from.
  static let headers: Headers = [
    "Content-Type": "application/json",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
  ]
}
