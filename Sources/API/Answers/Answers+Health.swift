package import HTTP

extension Answers {
  /// The daemon works, and so many problems there are; each of them, where the key was right.
  package static func health(_ problems: [Problem], isDetailed: Bool) -> Response {
    object(.ok, success: true, "ok") { writer in
      writer.name("problems")
      guard isDetailed else { return writer.integer(problems.count) }
      writer.beginArray()
      for problem in problems {
        writer.beginObject()
        writer.name("code")
        writer.string(problem.code.rawValue)
        writer.name("message")
        writer.string(problem.message)
        writer.name("since")
        writer.time(problem.since)
        writer.endObject()
      }
      writer.endArray()
    }
  }
}
