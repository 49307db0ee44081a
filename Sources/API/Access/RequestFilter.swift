package import HTTP

/// Looks at each request before its key is asked for: who sends it, and, where it is a browser,
/// whether a page is behind it that has no business here.
package struct RequestFilter {
  private let proxies: TrustedProxies
  private let hosts: AllowedHosts
  private let origins: CrossOrigins
  private let localUsers: LocalUsers

  /// - Parameter localUsers: the users who need no key on the Unix socket.
  package init(
    proxies: TrustedProxies, hosts: AllowedHosts, origins: CrossOrigins,
    localUsers: LocalUsers = LocalUsers()
  ) {
    self.localUsers = localUsers
    self.proxies = proxies
    self.hosts = hosts
    self.origins = origins
  }

  /// What the filter knows of a request.
  ///
  /// - Parameters:
  ///   - peer: the address of the connection's other end, or `unix`.
  ///   - user: the user at the other end of a Unix socket; nil if that is not known.
  package func admit(_ request: Request, peer: String, user: UInt32? = nil) -> Admission {
    let client = proxies.client(of: request.headers, peer: peer)
    var admission = Admission(client: client, user: client == peer ? user : nil)
    guard Browser.sent(request.headers) else {
      if let user, !proxies.contains(peer: peer) {
        admission.local = localUsers.caller(user, request.headers)
      }
      admission.grant = origins.grant(to: nil)
      return admission
    }
    if let refusal = checkHost(request) {
      admission.response = refusal
      return admission
    }
    let origin = request.headers["Origin"]
    admission.grant = origins.grant(to: origin)
    if isPreflight(request, of: origin) {
      admission.response = CrossOriginGrant.preflight
    } else {
      admission.response = checkOrigin(request, origin, peer: peer)
    }
    return admission
  }

  /// Refuses a browser that thinks it talks to another server: 421, since that is what this status
  /// is for (RFC 9110, 15.5.20). Asking with a key would not help, as 403 suggests.
  private func checkHost(_ request: Request) -> Response? {
    let host = request.headers["Host"] ?? ""
    if hosts.allows(host) { return nil }
    return Answers.refused(
      .misdirectedRequest,
      "exeio is not known as host \(quoted(host)): if browsers are to use that name, add it to --allowed-host"
    )
  }

  private func isPreflight(_ request: Request, of origin: String?) -> Bool {
    guard request.method == "OPTIONS", let origin else { return false }
    return origins.allows(origin) && request.headers.contains("Access-Control-Request-Method")
  }

  /// Refuses what a page of another site has a browser send, unless it only reads: then the browser
  /// keeps the answer from the page. `Sec-Fetch-Site` is the browser's own word, which no page can
  /// forge; where there is none (plain HTTP, old browsers), the origin has to be the host.
  private func checkOrigin(_ request: Request, _ origin: String?, peer: String) -> Response? {
    switch request.method {
    case "GET", "HEAD", "OPTIONS": return nil
    default: break
    }
    if let origin, origins.allows(origin) { return nil }
    if let site = request.headers["Sec-Fetch-Site"] {
      if site == "same-origin" || site == "none" { return nil }
    } else {
      guard let origin else { return nil }
      if isOwn(origin, request.headers, peer: peer) { return nil }
    }
    let page = origin.map { "origin \(quoted($0))" } ?? "another site"
    return Answers.refused(
      .forbidden,
      "a page of \(page) may not do that: if it is to use exeio, add its origin to --cors-origin")
  }

  private func isOwn(_ origin: String, _ headers: Headers, peer: String) -> Bool {
    guard let origin = Origin(origin) else { return false }
    var names = [headers["Host"] ?? ""]
    // A proxy may have put another name into Host. No page can send this one to another origin.
    if proxies.contains(peer: peer), let list = headers["X-Forwarded-Host"] {
      names.append(list.listElements[0])
    }
    return names.contains { Authority($0).map(origin.isServer) ?? false }
  }
}
