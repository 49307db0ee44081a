package import HTTP

/// What the gate knows of a request.
package struct Admission {
  /// Who sends it: an address, or `unix`.
  package let client: String
  /// The answer, where the gate gives it: a refusal, or what a browser asks before a request.
  package internal(set) var response: Response?
  /// What the answer has to say of the page that may read it; nil where nothing.
  package internal(set) var grant: CrossOriginGrant?

  init(client: String) {
    self.client = client
  }

  /// What wrong keys are counted under: the client's address, or of an IPv6 address the first 64 bits. Whoever
  /// has one of those mostly has all 2^64 of them, and could try ten keys from each. Addresses of the link
  /// (`fe80::`) all begin alike and count by themselves.
  package var limitedAddress: String {
    guard client.utf8.contains(UInt8(ascii: ":")), let address = IPAddress(client), !address.isV4,
      !address.isLinkLocal
    else { return client }
    return "\(AddressRange(of: address, length: 64))"
  }
}
