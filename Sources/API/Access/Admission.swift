import Basics
package import HTTP

/// What the filter knows of a request.
package struct Admission {
  /// Who sends it: an address, or `unix`.
  package let client: String
  /// The answer, where the filter gives it: a refusal, or what a browser asks before a request.
  package internal(set) var response: Response?
  /// What the answer has to say of the page that may read it; nil if nothing.
  package internal(set) var grant: CrossOriginGrant?

  /// Who asks where no key is needed to know it: a user of the Unix socket.
  package internal(set) var local: Caller?
  /// The user at the other end of a Unix socket, where that is the client.
  private let user: UInt32?

  init(client: String, user: UInt32? = nil) {
    self.client = client
    self.user = user
  }

  /// What wrong keys are counted under: the user of a Unix socket, the client's address, or of an
  /// IPv6 address the first 64 bits. A client that has one of those mostly has all 2^64 of them,
  /// and could try ten keys from each. Addresses of the link (`fe80::`) all begin alike and count
  /// by themselves.
  package var limitedAddress: String {
    if let user { return "\(client) uid \(user)" }
    guard client.utf8.contains(UInt8(ascii: ":")), let address = IPAddress(client), !address.isV4,
      !address.isLinkLocal
    else { return client }
    return "\(AddressRange(of: address, length: 64))"
  }
}
