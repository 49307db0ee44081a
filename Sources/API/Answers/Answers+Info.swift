import HTTP

extension Answers {
  /// What this is and what it can be asked. Made once: it never changes.
  static func info(_ info: ServerInfo) -> Response {
    var writer = JSONWriter()
    writer.beginObject()
    writer.name("name")
    writer.string(info.name)
    writer.name("version")
    writer.string(info.version)
    writer.name("url")
    writer.string(info.url)
    writer.name("endpoints")
    writer.beginArray()
    for route in Route.allCases {
      writer.beginObject()
      writer.name("method")
      writer.string(route.methods[0])
      writer.name("path")
      writer.string(route.template)
      writer.name("description")
      writer.string(route.summary)
      writer.endObject()
    }
    writer.endArray()
    writer.endObject()
    return response(.ok, &writer)
  }
}
