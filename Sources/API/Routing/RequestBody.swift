import HTTP

/// Reads the JSON object that a request brings.
enum RequestBody {
  /// Refuses a body that is compressed: nothing here decodes it, and as JSON it would be nonsense.
  static func refusal(ofEncodingIn headers: Headers) -> Response? {
    guard let encoding = headers["Content-Encoding"], !encoding.isEmpty,
      encoding.lowercased() != "identity"
    else { return nil }
    var response = Answers.refused(
      .unsupportedMediaType,
      "the body has the Content-Encoding \(quoted(encoding)), which is not supported: send it without one"
    )
    response.headers.add("Accept-Encoding", "identity")
    return response
  }

  /// What `make` makes of the value; throws `BadRequest` with the place of a syntax error, or with
  /// the field that is wrong and its place.
  static func read<Body>(
    _ bytes: [UInt8], of route: Route, _ make: (JSONValue) throws(FieldError) -> Body
  ) throws(BadRequest) -> Body {
    // Editors and shells of Windows write a byte order mark; UTF-8 needs none (RFC 8259, 8.1).
    let text = Array(ByteOrderMark.passedOver(in: bytes))
    guard !text.isEmpty else {
      throw BadRequest("the body is empty, but \(route.title) needs a JSON object")
    }
    let value: JSONValue
    do throws(JSONSyntaxError) {
      value = try JSONReader.value(of: text)
    } catch {
      throw BadRequest(error)
    }
    do throws(FieldError) {
      return try make(value)
    } catch {
      throw BadRequest(error, at: JSONPlaceFinder.place(of: error, in: text))
    }
  }
}
