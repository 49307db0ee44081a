import Basics

/// The text of percent-encoded bytes (RFC 3986, 2.1); nil for a bad escape or bytes that are not
/// UTF-8. `plusIsBlank` as HTML forms have it in a query.
func percentDecoded(
  _ bytes: some Collection<UInt8>, plusIsBlank: Bool = false
) -> String? {
  let plus = UInt8(ascii: "+")
  guard bytes.contains(where: { $0 == UInt8(ascii: "%") || (plusIsBlank && $0 == plus) }) else {
    return text(bytes)
  }
  var decoded: [UInt8] = []
  decoded.reserveCapacity(bytes.count)
  var rest = bytes.makeIterator()
  while let byte = rest.next() {
    if byte == UInt8(ascii: "%") {
      guard let high = rest.next()?.hexadecimalValue, let low = rest.next()?.hexadecimalValue
      else { return nil }
      decoded.append(high << 4 | low)
    } else {
      decoded.append(plusIsBlank && byte == plus ? .space : byte)
    }
  }
  return text(decoded)
}

/// The bytes as text, nil when they are not UTF-8.
private func text(_ bytes: some Collection<UInt8>) -> String? {
  // Nearly all are ASCII, for which the check costs several times less.
  bytes.allSatisfy { $0 < 0x80 }
    ? String(decoding: bytes, as: UTF8.self) : String(validating: bytes, as: UTF8.self)
}
