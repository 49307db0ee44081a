import Basics

/// Where a page came from, as an `Origin` header says it (RFC 6454, 6.2):
/// `https://example.org:8443`.
struct Origin: Hashable, Sendable {
  let scheme: String
  let host: HostName
  /// Also where it is the one that the scheme has by default; nil for a scheme without one.
  let port: UInt16?

  /// Nil for `null`, the origin of pages that have none, and for what is no origin.
  init?(_ text: String) {
    guard let mark = text.firstRange(of: "://") else { return nil }
    let scheme = text[..<mark.lowerBound].lowercased()
    guard let authority = Authority(text[mark.upperBound...]), Self.isScheme(scheme) else {
      return nil
    }
    self.scheme = scheme
    host = authority.host
    port = authority.port ?? (scheme == "https" ? 443 : scheme == "http" ? 80 : nil)
  }

  /// Whether it is the server that a `Host` header names. Not by the scheme: behind a proxy that
  /// does TLS the daemon does not know it, and a `Host` without a port may then mean port 80 or
  /// 443.
  func isServer(_ own: Authority) -> Bool {
    guard host == own.host else { return false }
    if let ownPort = own.port { return port == ownPort }
    return port == 80 || port == 443
  }

  private static func isScheme(_ text: String) -> Bool {
    guard let first = text.utf8.first, first.isLowercaseLetter
    else { return false }
    return text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."): true
      default: byte.isLowercaseLetter || byte.isDigit
      }
    }
  }
}
