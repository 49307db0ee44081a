/// The client's side of a connection: bytes go in, responses come out. Reads bodies with a length,
/// in chunks and up to the end of the connection; knows no socket.
package final class ResponseParser {
  /// The largest body that is taken.
  private let bodyBytes: Int
  private let parser = MessageParser(.response)
  /// Whether a response is under way.
  private var hasBegun = false
  /// The methods of the requests whose responses have not come.
  private var methods: [String] = []
  private var responses: [Response] = []
  /// The status of the latest response whose header has been read, interim ones (1xx) apart; its
  /// body may be on its way for ever.
  package private(set) var latestStatus: Int?

  /// False once no other response can come: the connection cannot be used for another request.
  package private(set) var keepsAlive = true

  /// A parser before the first response.
  ///
  /// - Parameter bodyBytes: the largest body that is taken.
  package init(bodyBytes: Int = 1 << 30) {
    self.bodyBytes = bodyBytes
  }

  /// Has to be told of each request, in order, since the response to a `HEAD` has no body whatever
  /// its headers say.
  package func expectResponse(to method: String) {
    methods.append(method)
  }

  /// The next response that has come whole, nil when there is none. Interim ones (1xx) are not
  /// handed out.
  package func nextResponse() -> Response? {
    responses.isEmpty ? nil : responses.removeFirst()
  }

  /// Takes bytes from the server, in any pieces. Throws where they are not HTTP or too many; the
  /// connection cannot be used after that.
  package func receive(_ bytes: RawSpan) throws(ResponseParserError) {
    var failure: ResponseParserError?
    bytes.withUnsafeBytes { input in
      do throws(ResponseParserError) { try read(input) } catch { failure = error }
    }
    if let failure {
      keepsAlive = false
      throw failure
    }
  }

  /// The server has closed: ends a response that has no length. Throws where one is not whole.
  package func receiveEnd() throws(ResponseParserError) {
    keepsAlive = false
    guard hasBegun else { return }
    do throws(MessageParserError) {
      try parser.executeEnd()
    } catch {
      throw ResponseParserError(message: "the server closed in the middle of a response")
    }
    if parser.isComplete { endResponse() }
  }

  private func read(_ input: UnsafeRawBufferPointer) throws(ResponseParserError) {
    var position = 0
    while position < input.count {
      guard keepsAlive else {
        throw ResponseParserError(message: "the server sent more after its last response")
      }
      hasBegun = true
      parser.skipsBody = methods.first == "HEAD"
      do throws(MessageParserError) {
        position += try parser.execute(UnsafeRawBufferPointer(rebasing: input[position...]))
      } catch {
        throw ResponseParserError(message: "the server did not answer in HTTP: \(error.reason)")
      }
      if parser.hasHeaders, parser.statusCode >= 200 { latestStatus = parser.statusCode }
      guard parser.body.count <= bodyBytes else {
        throw ResponseParserError(message: "the response is larger than \(bodyBytes) bytes")
      }
      if parser.isComplete { endResponse() }
    }
  }

  private func endResponse() {
    // 1xx announces that the response proper follows.
    if parser.statusCode >= 200 {
      var response = Response(
        Status(code: parser.statusCode, reason: String(decoding: parser.reason, as: UTF8.self)),
        headers: parser.fields.headers, body: parser.body)
      response.closesConnection = !parser.keepsAlive
      keepsAlive = parser.keepsAlive
      if !methods.isEmpty { methods.removeFirst() }
      responses.append(response)
    }
    hasBegun = false
    parser.reset()
  }
}
