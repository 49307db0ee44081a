import Basics
import UV

/// A page that a client has asked for: waits for its turn and for the index, plans, reads.
final class PageRequest {
  /// A log that is cleared or rotated away under a page again and again lets it fail.
  private static let mostRestarts = 8

  let reader: LogReader
  let query: LogQuery
  let filter: LineFilter?
  private let requester: PageRequester
  /// Nil once the request is answered: what was begun for it ends without a word.
  private var then: ((Result<LogPage, LogFailure>) -> Void)?
  private var restarts = 0
  private var stallWatch: Int?
  private var phase = PagePhase.turn
  private var hasPlace = false
  /// Whether the page was not found within what is read from the end.
  private(set) var isTooLong = false
  /// Of the numbers of the lines, as the page was planned; nil if they have none.
  var epoch: UInt32?
  /// The newest line, as the page was planned; nil if lines have no numbers.
  var newest: LogCursor?
  /// What the look at the files reads in passing, until the page is read.
  private var ahead: ReadAhead?

  init(
    _ reader: LogReader, _ query: LogQuery, for requester: PageRequester,
    then: @escaping (Result<LogPage, LogFailure>) -> Void
  ) {
    self.reader = reader
    self.requester = requester
    self.query = query
    self.then = then
    filter = query.filter
  }

  deinit {
    // Whatever the file system had of it has come back.
    reader.noteAnswer(ObjectIdentifier(self))
  }

  private var limiter: ConcurrencyLimiter {
    filter == nil ? reader.context.pages : reader.context.searches
  }

  var isEnded: Bool { then == nil }

  /// Whether the client is still there.
  var isRequesterPresent: Bool { requester.isPresent() }

  private var now: Duration { reader.context.loop.now }

  /// Begins, unless the file system of the log is known not to answer.
  func begin() {
    guard !reader.isStalled else { return answer(.failure(LogStall.failure)) }
    stallWatch = reader.context.stalls.add { [self] in lookAfter() }
    waitForLog()
  }

  /// Waits for the log before it takes a place: one that does not answer must not keep readers of
  /// others waiting. Then it plans, in the log's queue: behind what was given before, and never
  /// during a rotation.
  func waitForLog() {
    phase = .log
    reader.enqueue { [self] done in
      guard !isEnded else { return done() }
      phase = .turn
      var isStep = true
      var isPlanned = false
      limiter.enter(as: requester.name) { [self] in
        !isEnded && requester.isPresent()
      } _: { [self] in
        hasPlace = true
        isPlanned = isStep
        // Where it had to wait for its place, the log has gone on.
        if isStep { look(then: done) } else { waitForLogAgain() }
      } gone: { [self] in
        finish(.failure(.readerGone))
      }
      isStep = false
      if !isPlanned { done() }
    }
  }

  private func waitForLogAgain() {
    guard requester.isPresent() else { return finish(.failure(.readerGone)) }
    phase = .log
    reader.enqueue { [self] done in look(then: done) }
  }

  /// - Parameter done: ends the step of the log's queue.
  private func look(then done: @escaping () -> Void) {
    guard !isEnded else { return done() }
    waitForFiles()
    ahead = makeReadAhead()
    reader.lookAtFiles(reading: ahead) { [self] error in
      plan(error) { [self] in
        // The page has begun to read by now, if it does not wait for something else.
        if let unused = takeAhead() { reader.context.buffers.giveBack(unused.buffer) }
        done()
      }
    }
  }

  /// What the page needs if the look finds the files as they are known.
  private func makeReadAhead() -> ReadAhead? {
    let segments = reader.segments
    guard filter == nil, reader.isOpen, segments.allSatisfy({ $0.unscanned == 0 }) else {
      return nil
    }
    let wanted = PagePlan(query, of: segments).parts
    guard wanted.count == 1, wanted[0].segment === reader.liveSegment else { return nil }
    return ReadAhead(reader.liveSegment, lines: wanted[0].lines, reader.context.buffers)
  }

  private func takeAhead() -> ReadAhead? {
    defer { ahead = nil }
    return ahead
  }

  /// Takes what was read in passing, if it is what these parts begin with.
  func takeAhead(serving parts: [PagePart]) -> ReadAhead? {
    guard let ahead, parts.count == 1, parts[0].isServed(by: ahead) else { return nil }
    return takeAhead()
  }

  /// Looks once a second whether the page can still come, and whether it is still wanted.
  private func lookAfter() {
    // It may be answered before it comes back.
    if case .files(let since) = phase { reader.noteHanging(ObjectIdentifier(self), since: since) }
    guard requester.isPresent() else { return finish(.failure(.readerGone)) }
    let stalledFor = phase.stalledFor(at: now, reader.stalledFor)
    if stalledFor >= LogStall.limit { return finish(.failure(LogStall.failure)) }
    if stalledFor >= LogReader.patience { leavePlace() }
  }

  func leavePlace() {
    guard hasPlace else { return }
    hasPlace = false
    limiter.leave()
  }

  func finish(_ result: Result<LogPage, LogFailure>) {
    // First the answer, whose size decides whether there is room for another one.
    answer(result)
    leavePlace()
  }

  private func answer(_ result: Result<LogPage, LogFailure>) {
    guard let then else { return }
    self.then = nil
    if let stallWatch { reader.context.stalls.remove(stallWatch) }
    then(result)
  }

  /// Waits for the file system from now on.
  func waitForFiles() { phase = .files(since: now) }

  /// Waits outside of the limiter: others need no index, or another one.
  func waitForIndex(of segment: Segment, _ open: OpenFile) {
    leavePlace()
    reader.scan(segment, open) { [self] error in
      guard !isEnded else { return }
      guard let error else { return waitForLog() }
      answer(.failure(LogFailure(because: error)))
    }
    phase = isEnded ? .turn : .index(segment.scan)
  }

  /// Whether the page is still wanted: asked after each piece that was read.
  func isPresentAfterPiece() -> Bool {
    waitForFiles()
    reader.noteAnswer(ObjectIdentifier(self))
    return !isEnded && requester.isPresent()
  }

  /// Waits for the index, since the page was not found within what is read from the end.
  func waitForWholeIndex() {
    isTooLong = true
    leavePlace()
    if !isEnded { waitForLog() }
  }

  func restart() {
    restarts += 1
    guard restarts <= Self.mostRestarts else {
      let message = "The log was changed again and again while it was read: ask once more."
      return finish(.failure(LogFailure(message: message)))
    }
    leavePlace()
    waitForLog()
  }
}
