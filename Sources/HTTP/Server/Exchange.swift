/// A request that has not been answered on the wire yet, and its answer when that has come.
struct Exchange {
  /// Of the request; empty where it could not be read.
  var method = ""
  /// The request was `HEAD`: the answer has no body.
  var isHead = false
  /// The request was HTTP/1.0, where keeping the connection has to be said.
  var isHTTP10 = false
  /// The connection may carry another request after this one.
  var keepsAlive = true
  /// The client is probably still sending when this, a refusal, has been answered.
  var lingers = false
  /// The answer, when it has come but has to wait for earlier ones.
  var response: Response?
  /// The value of its `Date` field.
  var date: String?
  /// How the end of its answer is told while that comes in pieces; nil until it begins, and if the
  /// answer comes as a whole.
  var stream: BodyEnd?
}

/// How a client knows where the body of an answer ends (RFC 9112, section 6).
enum BodyEnd {
  /// By its length, which is told before it.
  case length
  /// By the last of its chunks.
  case chunks
  /// By the end of the connection.
  case close
}
