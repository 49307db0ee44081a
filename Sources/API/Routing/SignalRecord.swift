import Basics

/// The body of `POST /signal/{id}`.
struct SignalRecord {
  let signal: Signal
  /// Whether all that belongs to the run gets it, not its leader alone.
  let toGroup: Bool

  /// Reads the body.
  init(_ body: JSONValue) throws(FieldError) {
    let fields = try FieldReader(body, expected: "the body")
    try fields.refuseUnknown(known: ["signal", "group"])
    toGroup = try fields.boolean("group") ?? false
    guard let signal = try fields.signal("signal") else {
      throw FieldError(
        "\"signal\" is missing: \(FieldReader.allowedSignals)", at: fields.path(of: "signal"))
    }
    self.signal = signal
  }
}
