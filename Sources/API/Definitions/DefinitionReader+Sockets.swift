import Supervision

/// Its copies, and the sockets that are handed over to them.
extension DefinitionReader {
  /// What `sun_path` of unix(7) holds, less the NUL that ends it.
  private static let longestSocketPath = 107

  func listen() throws(FieldError) -> [String] {
    let name = DefinitionField.listen.rawValue
    let expected = "an array of at most 32 addresses"
    let addresses = try fields.strings(name, count: 0...32, expected: expected) ?? []
    var indices: [String: Int] = [:]
    for (index, address) in addresses.enumerated() {
      try attempt {
        guard let canonical = canonical(socket: address) else {
          throw FieldError.badValue(
            path(.listen).element(index), quoted(address),
            allowed:
              "an IP address and a port from 1 to 65535 (\"127.0.0.1:8000\", \"[::1]:8000\", "
              + "\"0.0.0.0:8000\") or the absolute path of a Unix socket, at most "
              + "\(Self.longestSocketPath) bytes"
              + (AddressAdvice.socket(address).map { ": \($0)" } ?? ""))
        }
        if let first = indices.updateValue(index, forKey: canonical) {
          throw FieldError(
            "\"\(name)[\(index)]\" is \(quoted(address)), the same as \"\(name)[\(first)]\", "
              + "but must be unique",
            at: path(.listen).element(index))
        }
      }
    }
    return addresses
  }

  /// The one way to write an address, nil for what is none.
  private func canonical(socket text: String) -> String? {
    guard !text.hasPrefix("/") else {
      let isPath =
        text.utf8.count > 1 && text.utf8.count <= Self.longestSocketPath && !text.utf8.contains(0)
        && !text.hasSuffix("/")
      return isPath ? text : nil
    }
    guard let authority = Authority(text), let port = authority.port, port > 0 else { return nil }
    switch authority.host {
    case .address(let address): return "[\(address)]:\(port)"
    // A name may stand for several addresses, or for others tomorrow.
    case .name: return nil
    }
  }

  func instances(of id: String) throws(FieldError) -> Int? {
    let field = DefinitionField.instances
    guard let instances = try whole(field, Instances.range) else { return nil }
    try Instances.check(instances, of: id, path: path(field))
    return instances
  }
}
