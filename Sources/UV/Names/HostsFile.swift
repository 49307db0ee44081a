import Glibc

/// What hosts(5) says.
struct HostsFile: Sendable {
  /// What it has at most; lists of names to be refused have some megabytes.
  private static let limit = 16 << 20

  /// Of the file that was read; nil if there was none.
  private let status: FileStatus?
  private let addresses: [String: [SocketAddress]]

  /// Reads the lines of such a file.
  init(_ bytes: [UInt8], status: FileStatus? = nil) {
    self.status = status
    var addresses: [String: [SocketAddress]] = [:]
    for line in bytes.split(separator: UInt8(ascii: "\n")) {
      let words = line.prefix { $0 != UInt8(ascii: "#") }.split {
        [UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r")].contains($0)
      }
      guard words.count > 1,
        let address = SocketAddress(numericHost: String(decoding: words[0], as: UTF8.self))
      else { continue }
      for word in words.dropFirst() {
        let name = String(decoding: word, as: UTF8.self).lowercased()
        if !addresses[name, default: []].contains(where: { $0.host == address.host }) {
          addresses[name, default: []].append(address)
        }
      }
    }
    self.addresses = addresses
  }

  /// Reads the file, unless it is the one that was read before. Where it cannot be read, it says
  /// nothing, as for the C library.
  static func read(_ path: String, unlessStill earlier: HostsFile?) -> HostsFile {
    // The doc comment says what becomes of errors.
    let status = try? Files.status(of: path)
    if let earlier, let known = earlier.status, status == known { return earlier }
    // So it does here.
    guard let (status, bytes) = try? Files.readRegular(path, limit: limit) else {
      return HostsFile([])
    }
    return HostsFile(bytes, status: status)
  }

  /// The addresses of a name, in the order of the file; none where it does not have it.
  func addresses(of name: String) -> [SocketAddress] {
    addresses[(name.hasSuffix(".") ? String(name.dropLast()) : name).lowercased()] ?? []
  }
}
