import Basics

/// Why an address is refused, in words that end a sentence: what is found in it, and what to write
/// instead.
enum AddressAdvice {
  /// Of the URL of a health check; nil if there is nothing to say beyond what is allowed.
  static func url(_ text: String) -> String? {
    if let letter = unexpectedLetter(in: text) {
      let isInHost = text.unicodeScalars.firstIndex(of: letter).map {
        Self.authority(of: text).endIndex > $0
      }
      return isInHost == true && letter.value > 0x7E
        ? "the host has \(described(letter)); write a name as DNS has it (xn--…)"
        : "it has \(described(letter)); write it percent-encoded (\(percentEncoded(letter)))"
    }
    if let scheme = scheme(of: text) {
      switch scheme.lowercased() {
      case "http": break
      case "https": return "https is not served, try \"tcp\" or \"command\""
      case "unix": return "a Unix socket is not served, try \"command\""
      default: return "\(quoted(String(scheme))) is another scheme"
      }
    } else {
      return "the http:// in front is missing"
    }
    if text.contains("#") {
      return "it has a fragment ('#' and what follows), which no request sends; leave it out"
    }
    let authority = Self.authority(of: text)
    if authority.contains("@") {
      return "it has a user in front of '@', which a health check does not send; try \"command\""
    }
    return fault(inAuthority: authority, isPortNeeded: false)
  }

  /// Of the `host:port` of a health check.
  static func tcp(_ text: String) -> String? {
    if text.hasPrefix("/") || text.hasPrefix("unix:") {
      return "a Unix socket is not served, try \"command\""
    }
    if let scheme = scheme(of: text) { return "leave out \(quoted("\(scheme)://"))" }
    if let letter = unexpectedLetter(in: text) { return "it has \(described(letter))" }
    if let slash = text.firstIndex(of: "/") { return "leave out \(quoted(String(text[slash...])))" }
    if text.contains("@") { return "leave out the user in front of '@'" }
    return fault(inAuthority: text[...], isPortNeeded: true)
  }

  /// Of an element of `listen`.
  static func socket(_ text: String) -> String? {
    if text.hasPrefix("@") {
      return "an abstract socket, which every user may connect to, is not served"
    }
    if text.hasPrefix("~") { return "'~' is not expanded; write the whole path" }
    if text.hasPrefix("$") { return "variables are not expanded; write the whole path" }
    if text.hasPrefix("unix:") { return "leave out \"unix:\"" }
    if text.hasPrefix("/") {
      if text.hasSuffix("/") { return "it ends in '/', as a directory does" }
      return text.utf8.count > 107 ? "it has \(text.utf8.count) bytes" : nil
    }
    if let scheme = scheme(of: text) { return "leave out \(quoted("\(scheme)://"))" }
    if text.contains("/") { return "a path has to begin with '/'" }
    if let letter = unexpectedLetter(in: text) { return "it has \(described(letter))" }
    if !text.isEmpty, text.utf8.allSatisfy(\.isDigit) {
      return
        "a port alone; write \"127.0.0.1:\(shortened(text))\", or \"0.0.0.0:\(shortened(text))\" for all addresses"
    }
    if text.hasPrefix("*:") || (text.hasPrefix(":") && !text.hasPrefix("::")) {
      return "the address is missing; for all of them write 0.0.0.0 or [::]"
    }
    if let fault = fault(inAuthority: text[...], isPortNeeded: true) { return fault }
    guard let host = Authority(text)?.host, case .name = host else { return nil }
    return "a name may stand for several addresses; write the one that is meant"
  }

  /// Whether what is meant to be an address holds a secret, which no message may show.
  static func hasPassword(_ text: String) -> Bool {
    guard let at = text.lastIndex(of: "@") else { return false }
    let start = scheme(of: text).map { text.index($0.endIndex, offsetBy: 3) } ?? text.startIndex
    return start < at && text[start..<at].contains(":")
  }

  private static func fault(inAuthority text: Substring, isPortNeeded: Bool) -> String? {
    let parts: HostPort
    do throws(HostPort.Fault) {
      parts = try HostPort(text)
    } catch {
      return switch error {
      case .bracketMissing: "the ']' is missing"
      case .followsBracket(let rest): "\(quoted(String(rest))) follows the ']'"
      }
    }
    let port = parts.portText
    if !parts.isBracketed {
      if port?.contains(":") == true {
        return "it has several ':'; an IPv6 address stands in brackets (\"[::1]:8000\")"
      }
      if parts.host.isEmpty { return "the host is missing" }
    }
    guard let port, !port.isEmpty else {
      return isPortNeeded || port != nil ? "the port is missing" : nil
    }
    guard let number = parts.port, number > 0 else {
      return "\(quoted(String(port))) is no port"
    }
    return nil
  }

  private static func scheme(of text: String) -> Substring? {
    guard let colon = text.firstIndex(of: ":"), text[colon...].hasPrefix("://"),
      colon > text.startIndex,
      text[..<colon].utf8.allSatisfy({ $0.isDigit || $0.isLetter || $0 == UInt8(ascii: "+") })
    else { return nil }
    return text[..<colon]
  }

  /// What stands between the scheme and the path.
  private static func authority(of text: String) -> Substring {
    let rest = scheme(of: text).map { text[$0.endIndex...].dropFirst(3) } ?? text[...]
    return rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
  }

  /// The first one that is not visible ASCII.
  private static func unexpectedLetter(in text: String) -> Unicode.Scalar? {
    text.unicodeScalars.first { !(0x21...0x7E).contains($0.value) }
  }

  private static func described(_ letter: Unicode.Scalar) -> String {
    letter == " " ? "a space" : "'\(printable(String(letter)))'"
  }

  private static func percentEncoded(_ letter: Unicode.Scalar) -> String {
    String(letter).utf8.map { byte in
      let digits = String(byte, radix: 16, uppercase: true)
      return "%\(digits.utf8.count < 2 ? "0" : "")\(digits)"
    }.joined()
  }
}
