import API
import Testing

/// When listening somewhere deserves a warning.
struct ExposureTests {
  @Test(arguments: [
    [], ["127.0.0.1:8080"], ["[::1]:8080"], ["127.0.0.1:8080", "[::1]:8080"], ["127.9.9.9:1"],
  ])
  func theLoopbackInterfaceDeservesNone(addresses: [String]) {
    #expect(Exposure.warning(of: addresses) == nil)
  }

  @Test(arguments: [
    (["0.0.0.0:8080"], "0.0.0.0:8080"), (["[::]:8080"], "[::]:8080"),
    (["127.0.0.1:8080", "192.0.2.1:8080"], "192.0.2.1:8080"),
    (["192.0.2.1:1", "[2001:db8::1]:1"], "192.0.2.1:1 and [2001:db8::1]:1"),
    (["128.0.0.1:8080"], "128.0.0.1:8080"),
  ])
  func anyOtherAddressIsNamedWithTheReason(_ addresses: [String], named: String) throws {
    let warning = try #require(Exposure.warning(of: addresses))
    #expect(warning.hasPrefix("other machines can connect to \(named), and HTTP is not encrypted"))
    #expect(warning.contains("TLS"))
  }
}
