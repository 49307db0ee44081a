/// Why a request is answered with 400, in words.
struct BadRequest: Error, Hashable {
  let message: String

  init(_ message: String) {
    self.message = message
  }
}
