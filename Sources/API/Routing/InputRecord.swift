/// The body of `POST /input/{id}`.
struct InputRecord {
  let request: InputRequest

  /// Reads the body.
  init(_ body: JSONValue) throws(FieldError) {
    let fields = try FieldReader(body, expected: "the body")
    try fields.refuseUnknown(known: ["input", "newline", "close"])
    let closes = try fields.boolean("close") ?? false
    let hasNewline = try fields.boolean("newline") ?? true
    guard let input = try fields.string("input") else {
      guard closes else {
        throw FieldError(
          "\"input\" is missing: the text to send, or \"close\": true to end the input",
          at: fields.path(of: "input"))
      }
      request = InputRequest(bytes: [], closes: true)
      return
    }
    let bytes = Array(input.utf8) + (hasNewline ? [UInt8(ascii: "\n")] : [])
    request = InputRequest(bytes: bytes, closes: closes)
  }
}
