/// Why a request is not taken: the status to answer with and a sentence that names what is wrong.
struct Refusal: Error, Equatable {
  let status: Status
  let message: String
  /// Whether the client is probably still sending. The connection then has to read on for a while,
  /// because closing a socket with unread input resets it, and a reset can overtake the answer.
  var isMidMessage = false

  static func badRequest(_ message: String) -> Refusal {
    Refusal(status: .badRequest, message: message)
  }
}
