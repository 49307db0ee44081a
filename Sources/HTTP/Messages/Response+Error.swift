extension Response {
  /// The API's form of a refusal: `{"success":false,"message":…}`.
  package static func refusal(_ status: Status, _ message: String) -> Response {
    var body = Array(#"{"success":false,"message":""#.utf8)
    for byte in message.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): body += [UInt8(ascii: "\\"), byte]
      case 0..<0x20: body.append(.space)
      default: body.append(byte)
      }
    }
    body += "\"}".utf8
    return Response(status, headers: ["Content-Type": "application/json"], body: body)
  }
}
