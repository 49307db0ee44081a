import API
import HTTP
import Supervision
import Testing

/// Who needs no key on the Unix socket, and whom a proxy cannot make one of them.
struct LocalUserTests {
  private func admission(
    of user: UInt32?, own: UInt32 = 998, _ headers: Headers = [:], proxies: String? = nil,
    peer: String = "unix"
  ) throws -> Admission {
    let requestFilter = RequestFilter(
      proxies: try proxies.map { try TrustedProxies($0) } ?? TrustedProxies(),
      hosts: AllowedHosts(), origins: CrossOrigins(),
      localUsers: LocalUsers(own: own))
    let request = Request(method: "POST", target: "/stop-all", headers: headers)
    return requestFilter.admit(request, peer: peer, user: user)
  }

  @Test(arguments: [UInt32(0), 998])
  func rootAndTheDaemonsUserMayDoEverything(_ user: UInt32) throws {
    let admission = try admission(of: user)
    #expect(admission.local?.name == "uid \(user)")
    var reception = Reception()
    let request = Request(method: "POST", target: "/stop-all")
    let routed = reception.router.route(
      request, peer: admission.limitedAddress, local: admission.local, at: .zero,
      isShuttingDown: false)
    guard case .command(.stopAll) = routed.routed else {
      Issue.record("\(routed.routed)")
      return
    }
    var audit = Audit()
    let line = audit.line(of: routed.subject, client: admission.client, status: .ok, at: .zero)
    #expect(line?.text == "Audit: POST /stop-all by uid \(user) from unix: 200")
  }

  @Test(arguments: [UInt32(1000), 65534, nil])
  func othersNeedAKey(_ user: UInt32?) throws {
    #expect(try admission(of: user).local == nil)
    // A user whom this namespace does not know is shown as the user `nobody`.
    #expect(try admission(of: user, own: 65534).local == nil)
  }

  @Test(arguments: [
    ["X-Forwarded-For": "192.0.2.1"], ["Forwarded": "for=192.0.2.1"], ["Via": "1.1 proxy"],
    ["X-Real-IP": "192.0.2.1"], ["X-Forwarded-Host": "a"], ["X-Forwarded-Proto": "https"],
    ["Origin": "http://localhost"], ["Accept-Language": "en"], ["User-Agent": "Mozilla/5.0"],
  ])
  func whatAProxyOrABrowserSendsNeedsAKey(_ fields: [String: String]) throws {
    var headers: Headers = ["Host": "localhost"]
    for (name, value) in fields { headers.add(name, value) }
    #expect(try admission(of: 0, headers).local == nil)
  }

  @Test(arguments: [
    "CF-Connecting-IP", "cf-connecting-ipv6", "True-Client-IP", "X-Client-IP", "X-Forwarded",
    "X-FORWARDED-PORT", "X-Forwarded-Server", "X-Forwarded-Whatever", "X-Cluster-Client-IP",
    "Fastly-Client-IP", "X-Original-Forwarded-For", "X-ProxyUser-IP", "X-Envoy-External-Address",
    "X-Real-Port", "X-Azure-ClientIP",
  ])
  func whatAnyProxySendsNeedsAKey(_ name: String) throws {
    #expect(try admission(of: 0, ["Host": "localhost", name: "192.0.2.1"]).local == nil)
  }

  @Test func whatOtherClientsSendNeedsNone() throws {
    let headers: Headers = [
      "Host": "localhost", "User-Agent": "curl/8", "Accept": "*/*", "X-Request-ID": "a",
    ]
    #expect(try admission(of: 0, headers).local != nil)
  }

  @Test func whereTheSocketIsThatOfAProxyEverybodyNeedsAKey() throws {
    #expect(try admission(of: 0, proxies: "unix").local == nil)
    #expect(try admission(of: 0, proxies: "127.0.0.1").local != nil)
  }

  @Test(arguments: [
    ["exeio-api-key": "wrong"], ["exeio-api-key": ""], ["Authorization": "Basic eDp5"],
    ["Authorization": "Bearer wrong"],
  ])
  func aKeyIsJudgedAsAKey(_ fields: [String: String]) throws {
    var reception = Reception()
    var headers = Headers()
    for (name, value) in fields { headers.add(name, value) }
    let request = Request(method: "GET", target: "/list", headers: headers)
    let routed = reception.router.route(
      request, peer: "unix uid 0", local: try admission(of: 0).local, at: .zero,
      isShuttingDown: false)
    #expect(try routed.routed.answer.status == 401)
  }

  @Test func wrongKeysOfOneUserDoNotMakeOthersWait() throws {
    let guesser = try admission(of: 1000).limitedAddress
    let other = try admission(of: 1001).limitedAddress
    var reception = Reception()
    for _ in 0..<11 { _ = reception.ask("GET", "/list", key: "wrong", peer: guesser) }
    #expect(try reception.ask("GET", "/list", peer: guesser).answer.status == 429)
    guard case .list = reception.ask("GET", "/list", peer: other) else {
      Issue.record("the other user has to wait")
      return
    }
    // Behind a proxy the client counts, whatever the proxy's user.
    let forwarded = try admission(
      of: 33, ["X-Forwarded-For": "192.0.2.1"], proxies: "unix")
    #expect(forwarded.limitedAddress == "192.0.2.1")
  }
}
