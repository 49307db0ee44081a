/// One name that is being looked up.
final class LookUp {
  /// How long the addresses of one kind wait for those of the other, which some servers never
  /// answer.
  private static let patience: Duration = .milliseconds(250)

  private let host: String
  private let timer: Timer
  private let onBegin: () -> Void
  private var then: ((Result<[SocketAddress], UVError>) -> Void)?
  private let onEnd: (LookUp) -> Void

  private var contents: NameFiles.Contents?
  private var servers: NameServers?
  private var findServers: (() throws(UVError) -> NameServers)?
  private var sources: ArraySlice<NameConfiguration.Source> = []
  private var candidates: ArraySlice<String> = []
  /// Counts the names that were asked for, so that a late answer is not taken for one of the next
  /// name.
  private var round = 0
  private var answers: [NameServers.Family: NameServers.Answer] = [:]
  private var failure: NameFailure?

  /// Makes a look-up that has not begun.
  ///
  /// - Parameters:
  ///   - onEnd: called once, when it has ended or was given up.
  init(
    _ host: String, on loop: Loop, onBegin: @escaping () -> Void,
    then: @escaping (Result<[SocketAddress], UVError>) -> Void,
    onEnd: @escaping (LookUp) -> Void = { _ in }
  ) throws(UVError) {
    self.host = host
    self.onBegin = onBegin
    self.then = then
    self.onEnd = onEnd
    timer = try Timer(on: loop)
  }

  /// Gives up: nothing is told any more, and nothing of it is left on the loop.
  func cancel() {
    guard then != nil else { return }
    then = nil
    close()
  }

  private func close() {
    timer.close()
    servers?.leave(self)
    servers = nil
    onEnd(self)
  }

  /// Tells the end, out of a callback of its own.
  func finish(_ result: Result<[SocketAddress], NameFailure>) {
    // Late answers are those of an earlier round from now on.
    round += 1
    servers?.leave(self)
    servers = nil
    timer.start(after: .zero) { [self] in
      guard let then else { return }
      self.then = nil
      close()
      switch result {
      case .success(let addresses): then(.success(addresses))
      case .failure(let failure): then(.failure(failure.error(host)))
      }
    }
  }

  /// Goes from source to source, now that these are known.
  ///
  /// - Parameter findServers: called once, if a name server has to be asked.
  func begin(
    _ contents: NameFiles.Contents, _ findServers: @escaping () throws(UVError) -> NameServers
  ) {
    guard then != nil else { return }
    onBegin()
    guard then != nil else { return }
    self.contents = contents
    self.findServers = findServers
    sources = contents.configuration.sources[...]
    nextSource()
  }

  private func nextSource() {
    guard let contents, let source = sources.popFirst() else {
      return finish(.failure(failure ?? .noSuchName))
    }
    switch source {
    case .hosts:
      let addresses = contents.hosts.addresses(of: host)
      if addresses.isEmpty { nextSource() } else { finish(.success(AddressOrder.sort(addresses))) }
    case .servers:
      candidates =
        KnownNames.isOfNoServer(host) ? [] : contents.configuration.candidates(for: host)[...]
      guard !candidates.isEmpty else { return nextSource() }
      do throws(UVError) {
        if servers == nil, let found = try findServers?() {
          servers = found
          found.join(self)
        }
      } catch {
        return finish(.failure(.serversFailed([])))
      }
      nextCandidate()
    }
  }

  private func nextCandidate() {
    guard let name = candidates.popFirst() else { return nextSource() }
    round += 1
    answers = [:]
    let own = round
    for family in [NameServers.Family.ipv4, .ipv6] {
      servers?.ask(for: name, family) { [weak self] in self?.answered($0, family, in: own) }
    }
  }

  private func answered(_ answer: NameServers.Answer, _ family: NameServers.Family, in round: Int) {
    guard then != nil, round == self.round else { return }
    answers[family] = answer
    let found = addresses
    guard answers.count == 2 else {
      if !found.isEmpty {
        timer.start(after: Self.patience) { [self] in
          finish(.success(AddressOrder.sort(found)))
        }
      }
      return
    }
    guard found.isEmpty else { return finish(.success(AddressOrder.sort(found))) }
    for case .failure(let why) in answers.values { failure = why.orMoreTelling(failure) }
    // As the C library does: no further name where no server has answered.
    if case .serversSilent = failure { candidates = [] }
    nextCandidate()
  }

  private var addresses: [SocketAddress] {
    var found: [SocketAddress] = []
    for family in [NameServers.Family.ipv6, .ipv4] {
      if case .success(let addresses) = answers[family] { found += addresses }
    }
    return found
  }
}
