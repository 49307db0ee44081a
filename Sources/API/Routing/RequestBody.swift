import FoundationEssentials

/// Reads the JSON object that a request brings.
enum RequestBody {
  /// Throws `BadRequest` with the place of a syntax error, or with the field that is wrong.
  static func decode<Body: Decodable>(
    _ type: Body.Type, from bytes: [UInt8], of route: Route
  ) throws(BadRequest) -> Body {
    guard !bytes.isEmpty else {
      throw BadRequest("the body is empty, but \(route.title) needs a JSON object")
    }
    do {
      try JSONSyntax.check(bytes)
      return try JSONDecoder().decode(type, from: Data(bytes))
    } catch let error as JSONSyntaxError {
      throw BadRequest("the body is not valid JSON: \(error)")
    } catch let error as FieldError {
      throw BadRequest(error.message)
    } catch {
      throw BadRequest("the body can't be read: \(error)")
    }
  }
}
