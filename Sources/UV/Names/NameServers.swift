import Basics
import CAres
import CLibUV
import Glibc

/// The name servers as they are asked for a while (`ares_channel` of c-ares): one socket a server,
/// watched by the loop, and one timer. No thread is in it, and nothing that it does waits.
///
/// c-ares cannot take a single query back. So the servers are asked in this way by those look-ups
/// alone that begin within a second; when the last of these has ended or was given up, sockets,
/// timer and open queries go at once.
final class NameServers {
  /// How often a server is asked.
  private static let tries: Int32 = 3
  /// How many queries are sent in one go, and how long after it the next ones. What is sent faster
  /// than the other side reads is lost beyond a few hundred datagrams (net.core.rmem_default), so
  /// are the answers, and each costs the wait for a second try. Second tries go out as c-ares has
  /// them.
  private static let (burst, pause) = (64, Duration.milliseconds(1))

  /// The kinds of addresses that are asked for.
  enum Family: Hashable {
    case ipv4, ipv6
  }

  /// What came of a query.
  typealias Answer = Result<[SocketAddress], NameFailure>

  private unowned let loop: Loop
  private let servers: [String]
  private let timer: Timer
  private let pacer: Timer
  private var channel: OpaquePointer?
  /// What is not sent yet.
  private var unsent = ArrayQueue<(name: String, query: Query)>()
  /// How many queries may be sent before the next pause.
  private var room = burst
  private var sockets: [Int32: SocketWatch] = [:]
  private var users: [ObjectIdentifier: LookUp] = [:]
  /// How many calls of c-ares are under way: it must not be ended within one.
  private var depth = 0

  /// Makes them ready; nothing is sent.
  ///
  /// - Parameters:
  ///   - port: of the servers.
  ///   - firstTimeout: how long a server has to answer at first, in milliseconds.
  init(
    _ configuration: NameConfiguration, port: UInt16, firstTimeout: Int32, on loop: Loop
  ) throws(UVError) {
    self.loop = loop
    servers = configuration.servers
    timer = try Timer(on: loop)
    do throws(UVError) {
      pacer = try Timer(on: loop)
    } catch {
      timer.close()
      throw error
    }
    let flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES
    let status = exeio_ares_init(
      &channel, configuration.usesTCP ? flags | ARES_FLAG_USEVC : flags,
      configuration.rotates ? 1 : 0, firstTimeout, Self.tries,
      { data, socket, reads, writes in
        NameServers.of(data)?.changed(socket, reads: reads != 0, writes: writes != 0)
      }, Unmanaged.passUnretained(self).toOpaque())
    guard status == ARES_SUCCESS, let channel else {
      timer.close()
      pacer.close()
      throw UVError(code: -ENOMEM, operation: "make a resolver")
    }
    let list = servers.map { HostPort.text(host: $0, port: port) }
    guard ares_set_servers_ports_csv(channel, list.joined(separator: ",")) == ARES_SUCCESS
    else {
      close()
      throw UVError(code: -EINVAL, operation: "use the name servers", subject: "\(servers)")
    }
  }

  deinit {
    precondition(channel == nil, "name servers were dropped while they are asked")
  }

  private static func of(_ data: UnsafeMutableRawPointer?) -> NameServers? {
    data.map { Unmanaged<NameServers>.fromOpaque($0).takeUnretainedValue() }
  }

  /// Whether they can be asked no more.
  var isClosed: Bool { channel == nil }

  /// Notes a look-up that asks them, until it leaves.
  func join(_ lookUp: LookUp) { users[ObjectIdentifier(lookUp)] = lookUp }

  /// Notes that a look-up asks them no more.
  func leave(_ lookUp: LookUp) {
    guard users.removeValue(forKey: ObjectIdentifier(lookUp)) != nil else { return }
    closeIfUnused()
  }

  private func closeIfUnused() {
    if users.isEmpty, depth == 0 { close() }
  }

  private func close() {
    guard let channel else { return }
    self.channel = nil
    // It tells each open query, whose look-up has left, and says of each socket that it is not to
    // be watched.
    ares_destroy(channel)
    timer.close()
    pacer.close()
    unsent = ArrayQueue()
  }

  /// Asks for the addresses of a kind (`ares_query`), after those that were asked for before.
  ///
  /// - Parameter then: called at most once, from the loop or before this returns. A query that is
  ///   not sent when the last look-up leaves is dropped.
  func ask(for name: String, _ family: Family, then: @escaping (Answer) -> Void) {
    unsent.append((name, Query(family, servers, then)))
    send()
    armTimer()
  }

  private func send() {
    while room > 0, channel != nil, let (name, query) = unsent.popFirst() {
      room -= 1
      within { channel in
        ares_query(
          channel, name, Query.internet, query.type,
          { data, status, _, bytes, length in Query.of(data)?.tell(status, bytes, length) },
          Unmanaged.passRetained(query).toOpaque())
      }
    }
    guard channel != nil, room < Self.burst, !pacer.isActive else { return }
    pacer.start(after: Self.pause) { [unowned self] in pauseIsOver() }
  }

  private func pauseIsOver() {
    room = Self.burst
    send()
    armTimer()
  }

  /// Calls c-ares, after which this may be at its end.
  private func within(_ body: (OpaquePointer) -> Void) {
    guard let channel else { return }
    depth += 1
    body(channel)
    depth -= 1
    closeIfUnused()
  }

  private func process(_ readable: Int32, _ writable: Int32) {
    within { ares_process_fd($0, readable, writable) }
  }

  /// What is to be watched of a socket; c-ares closes it after it has told of neither.
  private func changed(_ socket: Int32, reads: Bool, writes: Bool) {
    guard reads || writes else {
      sockets.removeValue(forKey: socket)?.close()
      return
    }
    do throws(UVError) {
      try watch(socket).watch(readable: reads, writable: writes)
    } catch {
      // The kernel has no memory to watch it: no answer comes, and the query ends by its time.
    }
  }

  private func watch(_ socket: Int32) throws(UVError) -> SocketWatch {
    if let watch = sockets[socket] { return watch }
    let watch = try SocketWatch(socket, on: loop) { [unowned self] isReadable, isWritable in
      process(isReadable ? socket : Self.none, isWritable ? socket : Self.none)
    }
    sockets[socket] = watch
    return watch
  }

  private static let none: Int32 = -1

  private func armTimer() {
    guard let channel else { return }
    let wait = exeio_ares_wait(channel)
    guard wait >= 0 else { return timer.stop() }
    timer.start(after: .milliseconds(wait)) { [unowned self] in timeIsUp() }
  }

  private func timeIsUp() {
    process(Self.none, Self.none)
    armTimer()
  }
}

/// A query that c-ares has.
private final class Query {
  /// The class of records that has the addresses of the Internet.
  static let internet: Int32 = 1
  private static let most = 64

  private let family: NameServers.Family
  private let servers: [String]
  private let then: (NameServers.Answer) -> Void

  init(
    _ family: NameServers.Family, _ servers: [String],
    _ then: @escaping (NameServers.Answer) -> Void
  ) {
    self.family = family
    self.servers = servers
    self.then = then
  }

  /// The type of the records: A or AAAA.
  var type: Int32 { family == .ipv4 ? 1 : 28 }

  /// Takes a query back from c-ares, which tells of each once.
  static func of(_ data: UnsafeMutableRawPointer?) -> Query? {
    data.map { Unmanaged<Query>.fromOpaque($0).takeRetainedValue() }
  }

  func tell(_ status: Int32, _ bytes: UnsafePointer<UInt8>?, _ length: Int32) {
    then(answer(status, bytes, length))
  }

  private func answer(
    _ status: Int32, _ bytes: UnsafePointer<UInt8>?, _ length: Int32
  ) -> NameServers.Answer {
    switch status {
    case ARES_SUCCESS: return addresses(bytes, length)
    case ARES_ENOTFOUND: return .failure(.noSuchName)
    case ARES_ENODATA: return .failure(.noAddress)
    case ARES_EBADNAME, ARES_EBADQUERY: return .failure(.notAName)
    case ARES_ETIMEOUT: return .failure(.serversSilent(servers))
    default: return .failure(.serversFailed(servers))
    }
  }

  private func addresses(_ bytes: UnsafePointer<UInt8>?, _ length: Int32) -> NameServers.Answer {
    let size = family == .ipv4 ? 4 : 16
    var count = Int32(Self.most)
    var found: [UInt8] = []
    let status = withUnsafeTemporaryAllocation(of: UInt8.self, capacity: size * Self.most) {
      buffer in
      buffer.initialize(repeating: 0)
      let status = exeio_ares_addresses(
        family == .ipv6 ? 1 : 0, bytes, length, buffer.baseAddress, &count)
      found = Array(buffer[..<(size * Int(count))])
      return status
    }
    guard status == ARES_SUCCESS || status == ARES_ENODATA else {
      return .failure(.serversFailed(servers))
    }
    let addresses = stride(from: 0, to: found.count, by: size).map { start in
      let bytes = Array(found[start..<(start + size)])
      return family == .ipv4 ? SocketAddress(ipv4: bytes) : SocketAddress(ipv6: bytes)
    }
    // A name that stands for another one, which has none.
    return addresses.isEmpty ? .failure(.noAddress) : .success(addresses)
  }
}
