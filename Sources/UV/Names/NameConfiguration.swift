import Glibc

/// How names are looked up: what resolv.conf(5) says, and the line `hosts:` of nsswitch.conf(5).
struct NameConfiguration: Equatable, Sendable {
  /// Where an address of a name may come from.
  enum Source: Sendable {
    /// hosts(5).
    case hosts
    /// The name servers.
    case servers
  }

  /// The addresses of the name servers, at most three.
  var servers: [String] = []
  /// The domains that are tried behind a short name.
  var domains: [String] = []
  /// A name with so many dots is tried as it is first.
  var ndots = 1
  /// Whether the name servers take turns.
  var rotates = false
  /// Whether they are asked over TCP only.
  var usesTCP = false
  /// What is asked, in this order.
  var sources: [Source] = [.hosts, .servers]

  /// Reads the text of both files.
  ///
  /// - Parameters:
  ///   - hostName: of this machine: its domain is tried where resolv.conf names none.
  ///   - localDomain: `LOCALDOMAIN` of the environment, which replaces the domains.
  ///   - options: `RES_OPTIONS` of the environment, which are options too.
  init(
    resolvConf: String, nsswitch: String, hostName: String = "", localDomain: String? = nil,
    options: String? = nil
  ) {
    var domains: [String]?
    for line in resolvConf.split(whereSeparator: \.isNewline) {
      let words = line.split(whereSeparator: \.isWhitespace)
      switch words.first {
      case "nameserver" where words.count > 1:
        if let address = SocketAddress(numericHost: String(words[1])), servers.count < 3 {
          servers.append(address.host)
        }
      case "search" where words.count > 1: domains = Self.domains(words.dropFirst())
      case "domain" where words.count > 1: domains = Self.domains(words[1...1])
      case "options": read(options: words.dropFirst())
      default: break
      }
    }
    if let options { read(options: options.split(whereSeparator: \.isWhitespace)[...]) }
    if let localDomain { domains = Self.domains(localDomain.split(separator: " ")[...]) }
    if servers.isEmpty { servers = ["127.0.0.1"] }
    self.domains = domains ?? Self.domains(hostName.split(separator: ".", maxSplits: 1).dropFirst())
    sources = Self.sources(nsswitch)
  }

  private static func domains(_ words: ArraySlice<Substring>) -> [String] {
    words.map { word in String(word.hasSuffix(".") ? word.dropLast() : word) }.filter {
      !$0.isEmpty
    }
  }

  private mutating func read(options: ArraySlice<Substring>) {
    for option in options {
      switch option {
      case "rotate": rotates = true
      case "use-vc": usesTCP = true
      default:
        if option.hasPrefix("ndots:"), let number = Int(option.dropFirst(6)) {
          ndots = min(max(0, number), 15)
        }
      }
    }
  }

  /// Others than these two are left out: they are libraries that are asked in this process, and
  /// that may wait.
  private static func sources(_ nsswitch: String) -> [Source] {
    for line in nsswitch.split(whereSeparator: \.isNewline) {
      let words = line.prefix { $0 != "#" }.split(whereSeparator: \.isWhitespace)
      guard words.first == "hosts:" else { continue }
      var sources: [Source] = []
      for word in words.dropFirst() {
        switch word {
        case "files": if !sources.contains(.hosts) { sources.append(.hosts) }
        case "dns", "resolve": if !sources.contains(.servers) { sources.append(.servers) }
        default: break
        }
      }
      return sources.isEmpty ? [.hosts, .servers] : sources
    }
    return [.hosts, .servers]
  }

  /// The names that the servers are asked for, one after the other, until one has an address.
  func candidates(for name: String) -> [String] {
    if name.hasSuffix(".") { return [String(name.dropLast())] }
    let longer = domains.map { "\(name).\($0)" }.filter(KnownNames.isPossible)
    return name.count { $0 == "." } >= ndots ? [name] + longer : longer + [name]
  }
}
