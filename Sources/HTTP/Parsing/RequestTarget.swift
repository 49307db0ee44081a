/// The parts of a request target (RFC 9112, 3.2), decoded.
struct RequestTarget {
  var path: String
  var pathSegments: [String]
  var query: [(name: String, value: String)] = []

  /// Takes the origin form (`/list?a=b`), the absolute form (`http://host/list`) and, for
  /// `OPTIONS`, `*`. Throws what to answer for any other and for what cannot be decoded.
  init(_ target: some RandomAccessCollection<UInt8>, method: String) throws(Refusal) {
    if target.first == UInt8(ascii: "/") {
      try self.init(origin: target)
    } else if method == "OPTIONS", target.count == 1, target.first == UInt8(ascii: "*") {
      self.init(path: "*")
    } else if let origin = Self.originForm(ofAbsolute: target) {
      if origin.first == UInt8(ascii: "/") {
        try self.init(origin: origin)
      } else {
        try self.init(origin: [UInt8(ascii: "/")] + origin)
      }
    } else {
      throw .badRequest("the request target must be a path that begins with '/'")
    }
  }

  private init(path: String) {
    self.path = path
    self.pathSegments = []
  }

  private init(origin: some RandomAccessCollection<UInt8>) throws(Refusal) {
    let mark = origin.firstIndex(of: UInt8(ascii: "?"))
    let rawPath = origin[..<(mark ?? origin.endIndex)]
    guard let path = percentDecoded(rawPath) else {
      throw .badRequest("the path holds a bad percent escape or is not UTF-8")
    }
    self.init(path: path)
    if rawPath.count > 1 {
      for raw in rawPath.dropFirst().split(
        separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
      {
        // Escapes are ASCII, so a path that is UTF-8 as a whole need not be so piece by piece.
        guard let segment = percentDecoded(raw) else {
          throw .badRequest("the path holds a bad percent escape or is not UTF-8")
        }
        pathSegments.append(segment)
      }
    }
    if let mark {
      try readQuery(origin[origin.index(after: mark)...])
    }
  }

  private mutating func readQuery(_ bytes: some Collection<UInt8>) throws(Refusal) {
    for pair in bytes.split(separator: UInt8(ascii: "&")) {
      let equals = pair.firstIndex(of: UInt8(ascii: "="))
      let rawName = pair[..<(equals ?? pair.endIndex)]
      let rawValue = equals.map { pair[pair.index(after: $0)...] }
      guard let name = percentDecoded(rawName, plusIsBlank: true),
        let value = rawValue.map({ percentDecoded($0, plusIsBlank: true) }) ?? ""
      else {
        throw .badRequest("the query holds a bad percent escape or is not UTF-8")
      }
      query.append((name, value))
    }
  }

  /// What follows scheme and authority, nil when it is not the absolute form.
  private static func originForm(
    ofAbsolute target: some RandomAccessCollection<UInt8>
  ) -> [UInt8]? {
    let bytes = Array(target)
    let schemeLength =
      equalsIgnoringCase(bytes.prefix(7), "http://")
      ? 7 : equalsIgnoringCase(bytes.prefix(8), "https://") ? 8 : 0
    guard schemeLength > 0 else { return nil }
    let rest = bytes.dropFirst(schemeLength)
    let end = rest.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") }
    let authority = rest[..<(end ?? rest.endIndex)]
    guard !authority.isEmpty, authority.allSatisfy(\.isHostCharacter) else { return nil }
    return Array(rest[(end ?? rest.endIndex)...])
  }
}
