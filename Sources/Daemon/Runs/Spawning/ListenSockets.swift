import Basics
import Supervision
import UV

/// The sockets that are handed over to the runs of processes: bound at the first start, and kept
/// from one run to the next, so that no client that connects in between is refused. Copies of a
/// process share them.
///
/// The files of Unix sockets are made and removed on the pool. One thing at a time is done with the
/// sockets of a process, and with a path, in the order in which it was asked for.
final class ListenSockets {
  private let loop: Loop
  /// By the id of the process that was asked for, in the order of its definition.
  private var sockets: [String: [BoundSocket]] = [:]
  /// The processes and paths with which something is being done.
  private var busy: Set<String> = []
  private var waiting: [Operation] = []

  private typealias Operation = (keys: Set<String>, body: (_ done: @escaping () -> Void) -> Void)
  typealias Answer = Result<[BoundSocket], StartRefusal>

  init(on loop: Loop) {
    self.loop = loop
  }

  /// Finds the sockets for a run: those that are there already, and new ones for what is not.
  /// Others that the process had are closed: those of another address, or whose file is another
  /// user's.
  /// - Parameters:
  ///   - owner: whose the files of Unix sockets are.
  ///   - then: called once, within this call where nothing has to be waited for. It gets what could
  ///     not be bound; what was bound for this call is closed again then.
  func sockets(
    for definition: ProcessDefinition, owner: Identity, then: @escaping (Answer) -> Void
  ) {
    let service = definition.serviceID.rawValue
    let addresses = definition.execution.listen
    guard !addresses.isEmpty || sockets[service] != nil || busy.contains(service) else {
      return then(.success([]))
    }
    exclusively(service, addresses) { [self] done in
      // First, since an address that is wanted may overlap with one that is not.
      let stale = (sockets[service] ?? []).filter { socket in
        !addresses.contains(socket.address)
          || !socket.serves(
            leavesIPv4: Self.isTakenByIPv4(socket.address, addresses), owner: owner)
      }
      sockets[service]?.removeAll { socket in stale.contains { $0 === socket } }
      close(stale[...]) { [self] in
        let kept = Dictionary(
          uniqueKeysWithValues: (sockets[service] ?? []).map { ($0.address, $0) })
        bind(addresses[...], kept, owner, all: addresses) { [self] all, failure in
          guard let failure else {
            sockets[service] = all.isEmpty ? nil : all
            done()
            return then(.success(all))
          }
          sockets[service] = kept.isEmpty ? nil : addresses.compactMap { kept[$0] }
          close(all.filter { kept[$0.address] == nil }[...]) {
            done()
            then(.failure(Self.refusal(failure)))
          }
        }
      }
    }
  }

  /// Binds one address after the other, but for those that are there.
  /// - Parameter then: gets all, and what could not be bound.
  private func bind(
    _ rest: ArraySlice<String>, _ kept: [String: BoundSocket], _ owner: Identity,
    all addresses: [String], _ bound: [BoundSocket] = [],
    then: @escaping ([BoundSocket], UVError?) -> Void
  ) {
    guard let address = rest.first else { return then(bound, nil) }
    if let socket = kept[address] {
      return bind(rest.dropFirst(), kept, owner, all: addresses, bound + [socket], then: then)
    }
    BoundSocket.bind(
      address, leavesIPv4: Self.isTakenByIPv4(address, addresses), owner: owner, on: loop
    ) { [self] result in
      switch result {
      case .success(let socket):
        bind(rest.dropFirst(), kept, owner, all: addresses, bound + [socket], then: then)
      case .failure(let error): then(bound, error)
      }
    }
  }

  private func close(_ rest: ArraySlice<BoundSocket>, then: @escaping () -> Void) {
    guard let socket = rest.first else { return then() }
    socket.close(on: loop) { [self] in close(rest.dropFirst(), then: then) }
  }

  private static func refusal(_ error: UVError) -> StartRefusal {
    let address = error.subject.map { " '\($0)'" } ?? ""
    return StartRefusal(
      error.operation == .listen ? "listen\(address): \(error.reason)" : "listen: \(error)")
  }

  /// Whether an IPv4 address of the same port is there too: `[::]:80` would take that as well.
  private static func isTakenByIPv4(_ address: String, _ all: [String]) -> Bool {
    func parts(_ text: String) -> HostPort? {
      // A path cannot always be taken apart, and has no port.
      text.hasPrefix("/") ? nil : try? HostPort(text[...])
    }
    guard let own = parts(address), own.isBracketed, let port = own.portText else { return false }
    return all.compactMap(parts).contains { !$0.isBracketed && $0.portText == port }
  }

  /// Closes those of a process.
  func close(_ service: String) {
    exclusively(service, []) { [self] done in
      close((sockets.removeValue(forKey: service) ?? [])[...], then: done)
    }
  }

  /// Closes all, those that are being bound too.
  func closeAll() {
    let keys = waiting.reduce(busy) { $0.union($1.keys) }
    for service in keys.filter({ !$0.hasPrefix("/") }).union(sockets.keys) {
      close(service)
    }
  }

  /// Does something with the sockets of a process and these addresses, when nothing else is done
  /// with any of them.
  private func exclusively(
    _ service: String, _ addresses: [String], _ body: @escaping (@escaping () -> Void) -> Void
  ) {
    // No id has a slash in it.
    let paths = (addresses + (sockets[service] ?? []).map(\.address)).filter { $0.hasPrefix("/") }
    waiting.append((Set(paths).union([service]), body))
    beginWaiting()
  }

  private func beginWaiting() {
    var taken = busy
    var index = 0
    while index < waiting.count {
      let (keys, body) = waiting[index]
      guard taken.isDisjoint(with: keys) else {
        // What comes later waits for this one, too.
        taken.formUnion(keys)
        index += 1
        continue
      }
      waiting.remove(at: index)
      busy.formUnion(keys)
      body { [self] in
        busy.subtract(keys)
        beginWaiting()
      }
      // The body may have been done at once, and others with it.
      return beginWaiting()
    }
  }
}
