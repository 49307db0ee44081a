import FoundationEssentials
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

  /// Throws `BadRequest` with the place of a syntax error, or with the field that is wrong.
  ///
  /// - Parameter id: The process that the path names, for a body that has to do with it.
  static func decode<Body: Decodable>(
    _ type: Body.Type, from bytes: [UInt8], of route: Route, id: String? = nil
  ) throws(BadRequest) -> Body {
    var bytes = bytes
    // Editors and shells of Windows write a byte order mark; UTF-8 needs none (RFC 8259, 8.1).
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
    guard !bytes.isEmpty else {
      throw BadRequest("the body is empty, but \(route.title) needs a JSON object")
    }
    do {
      try JSONSyntax.check(bytes)
      let decoder = JSONDecoder()
      if let id { decoder.userInfo[CodingUserInfoKey.processID] = id }
      return try decoder.decode(type, from: Data(bytes))
    } catch let error as JSONSyntaxError {
      throw BadRequest("the body is not valid JSON: \(error)")
    } catch let error as FieldError {
      throw BadRequest(error.message)
    } catch {
      throw BadRequest("the body can't be read: \(error)")
    }
  }
}

extension CodingUserInfoKey {
  /// Where a body finds the process that the path of its request names.
  fileprivate static let processID: CodingUserInfoKey = {
    guard let key = CodingUserInfoKey(rawValue: "processID") else {
      preconditionFailure("any text can be a key")
    }
    return key
  }()
}

extension Decoder {
  /// The process that the path of the request names; nil where it names none.
  var processID: String? { userInfo[CodingUserInfoKey.processID] as? String }
}
