/// Why a request is answered with 400, in words.
struct BadRequest: Error, Hashable {
  let message: String
  /// The field of the body that is wrong, as a path: `health_check.http`; nil if it is none.
  private(set) var field: String?
  /// Where in the body what is wrong stands; nil if it is not in the body.
  private(set) var place: JSONPlace?

  init(_ message: String) {
    self.message = message
  }

  /// The refusal of a body that is not JSON.
  init(_ error: JSONSyntaxError) {
    message = "the body is not valid JSON: \(error)"
    place = error.place
  }

  /// The refusal of a body in which a field is wrong.
  init(_ error: FieldError, at place: JSONPlace?) {
    message = error.message
    field = error.path == .root ? nil : error.path.description
    self.place = place
  }
}
