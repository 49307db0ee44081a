/// An answer, as the handler of a request gives it and as a client sees it.
///
/// `Content-Length`, `Transfer-Encoding`, `Connection` and `Date` are the connection's business: it
/// writes them itself and leaves out what `headers` say of them.
package struct Response: Equatable, Sendable {
  package var status: Status
  package var headers: Headers
  package var body: [UInt8]
  /// Whether the connection ends after this answer, whatever the client asked for.
  package var closesConnection = false

  /// An answer that leaves the connection open.
  package init(_ status: Status, headers: Headers = Headers(), body: [UInt8] = []) {
    self.status = status
    self.headers = headers
    self.body = body
  }
}
