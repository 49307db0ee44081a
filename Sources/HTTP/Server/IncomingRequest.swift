/// A request whose header has been read.
struct IncomingRequest {
  /// Without its body.
  var request: Request
  let framing: RequestFraming
  /// The connection may carry another request after this one.
  let keepsAlive: Bool
  /// Reads the body when it comes in chunks.
  var chunks: ChunkedBody?
  /// `100 Continue` has to be sent once all earlier answers have left.
  var owesContinue = false
  /// What its body has taken of the budget.
  var reservation: ByteBudget.Reservation?
}
