import Basics
import Testing

/// Hosts with their ports, taken apart.
struct HostPortTests {
  @Test(arguments: [
    ("example.org:80", "example.org", false, "80"), ("example.org", "example.org", false, nil),
    ("[::1]:80", "::1", true, "80"), ("[::1]", "::1", true, nil), ("[::1]:", "::1", true, ""),
    ("a:", "a", false, ""), (":80", "", false, "80"), ("", "", false, nil), ("[]", "", true, nil),
    ("::1", "", false, ":1"), ("a:b:80", "a", false, "b:80"), ("a]:80", "a]", false, "80"),
    ("[a]b", nil, true, nil), ("[::1", nil, true, nil), ("[", nil, true, nil),
    ("ä:\u{301}80", "ä", false, "\u{301}80"),
  ])
  func aTextIsTakenApart(text: String, host: String?, isBracketed: Bool, port: String?) throws {
    guard let host else {
      #expect(throws: HostPort.Fault.self) { try HostPort(text[...]) }
      return
    }
    let parts = try HostPort(text[...])
    #expect(parts.host == host && parts.isBracketed == isBracketed)
    // As Unicode has it, a colon and an accent are one letter.
    #expect(parts.portText.map { Array($0.utf8) } == port.map { Array($0.utf8) })
  }

  @Test func aFaultSaysWhatIsFound() {
    #expect(throws: HostPort.Fault.bracketMissing) { try HostPort("[::1:80") }
    #expect(throws: HostPort.Fault.followsBracket("x:80")) { try HostPort("[::1]x:80") }
  }

  @Test(arguments: [
    ("0", 0), ("80", 80), ("080", 80), ("65535", 65535), ("65536", nil), ("", nil), ("+80", nil),
    ("-0", nil), (" 80", nil), ("8 0", nil), ("８０", nil), ("0x50", nil), ("1:80", nil),
  ])
  func aPortIsOfDigits(text: String, port: UInt16?) throws {
    #expect(try HostPort("host:\(text)").port == port)
  }

  @Test func whatIsWrittenIsReadAgain() throws {
    for host in ["127.0.0.1", "example.org", "::", "2001:db8::1"] {
      let parts = try HostPort(HostPort.text(host: host, port: 8080)[...])
      #expect(parts.host == host && parts.port == 8080)
      #expect(parts.isBracketed == host.contains(":"))
    }
  }
}
