import UV

/// A page that somebody has asked for: waits for its turn and for the index, plans, reads.
final class PageRequest {
  /// A log that is cleared or rotated away under a page again and again lets it fail.
  private static let mostRestarts = 8
  /// A reader that the file system has kept waiting for so long no longer keeps others waiting.
  private static let patience = Duration.seconds(1)

  /// How many pages of a log may hang, each with a buffer and files, before it is not tried any more.
  private static let mostHanging = 8

  /// What has less unindexed bytes, a piece of a scan, is indexed first: that is as quick.
  private static let leastToReadFromEnd = 1024 * 1024

  private let log: Log
  private let query: LogQuery
  private let filter: LineFilter?
  private let reader: LogReader
  /// Nil once the request is answered: what was begun for it ends without a word.
  private var then: ((Result<LogPage, LogFailure>) -> Void)?
  private var restarts = 0
  /// Whether the page was not found within what is read from the end.
  private var isTooLong = false
  private var stallWatch: Int?
  private var phase = Phase.turn
  private var hasPlace = false
  /// What the look at the files reads in passing, until the page is read.
  private var ahead: ReadAhead?

  /// What it waits for.
  private enum Phase {
    /// For other readers.
    case turn
    /// For what is done to the log before it.
    case log
    /// For the index that another reader or it itself has made.
    case index(SegmentScan?)
    /// For the file system, since then on the loop's clock.
    case files(since: Duration)
  }

  init(
    _ log: Log, _ query: LogQuery, for reader: LogReader,
    then: @escaping (Result<LogPage, LogFailure>) -> Void
  ) {
    self.log = log
    self.reader = reader
    self.query = query
    self.then = then
    filter = query.filter
  }

  deinit {
    // Whatever the file system had of it has come back.
    log.hangingPages[ObjectIdentifier(self)] = nil
  }

  private var limiter: ConcurrencyLimiter {
    filter == nil ? log.context.pages : log.context.searches
  }

  private var isEnded: Bool { then == nil }

  /// Begins, unless the file system of the log is known not to answer.
  func begin() {
    let hanging = log.hangingPages.values.count { now - $0 >= Self.patience }
    guard !log.isStalled, hanging < Self.mostHanging else {
      return answer(.failure(LogStall.failure))
    }
    stallWatch = log.context.stalls.add { [self] in lookAfter() }
    waitForLog()
  }

  /// Waits for the log before it takes a place: one that does not answer must not keep readers of others waiting. Then it
  /// plans, in the log's queue: behind what was given before, and never during a rotation.
  private func waitForLog() {
    phase = .log
    log.enqueue { [self] done in
      guard !isEnded else { return done() }
      phase = .turn
      var isStep = true
      var isPlanned = false
      limiter.enter(as: reader.name) { [self] in
        !isEnded && reader.isPresent()
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
    guard reader.isPresent() else { return finish(.failure(.readerGone)) }
    phase = .log
    log.enqueue { [self] done in look(then: done) }
  }

  /// - Parameter done: ends the step of the log's queue.
  private func look(then done: @escaping () -> Void) {
    guard !isEnded else { return done() }
    phase = .files(since: now)
    ahead = makeReadAhead()
    log.lookAtFiles(reading: ahead) { [self] error in
      plan(error) { [self] in
        // The page has begun to read by now, if it does not wait for something else.
        if let unused = takeAhead() { log.context.buffers.giveBack(unused.buffer) }
        done()
      }
    }
  }

  /// What the page needs if the look finds the files as they are known.
  private func makeReadAhead() -> ReadAhead? {
    let segments = segments
    guard filter == nil, log.file != nil, segments.allSatisfy({ $0.unscanned == 0 }) else {
      return nil
    }
    let wanted = wanted(of: segments).parts
    guard wanted.count == 1, wanted[0].segment === log.live else { return nil }
    return ReadAhead(log.live, lines: wanted[0].lines, log.context.buffers)
  }

  private func takeAhead() -> ReadAhead? {
    defer { ahead = nil }
    return ahead
  }

  /// The files of the log, the oldest one first.
  private var segments: [Segment] { log.rotated.reversed() + [log.live] }

  private var now: Duration { log.context.loop.now }

  /// How long the file system has not answered.
  private var stalledFor: Duration {
    switch phase {
    case .turn: .zero
    case .log: log.stalledFor
    case .index(let scan): scan.map { now - $0.progressAt } ?? .zero
    case .files(let since): now - since
    }
  }

  /// Looks once a second whether the page can still come, and whether it is still wanted.
  private func lookAfter() {
    // It may be answered before it comes back.
    if case .files(let since) = phase { log.hangingPages[ObjectIdentifier(self)] = since }
    guard reader.isPresent() else { return finish(.failure(.readerGone)) }
    let stalledFor = stalledFor
    if stalledFor >= LogStall.limit { return finish(.failure(LogStall.failure)) }
    if stalledFor >= Self.patience { leavePlace() }
  }

  private func leavePlace() {
    guard hasPlace else { return }
    hasPlace = false
    limiter.leave()
  }

  private func finish(_ result: Result<LogPage, LogFailure>) {
    // First the answer, whose size decides whether there is room for another one.
    answer(result)
    leavePlace()
  }

  private func answer(_ result: Result<LogPage, LogFailure>) {
    guard let then else { return }
    self.then = nil
    if let stallWatch { log.context.stalls.remove(stallWatch) }
    then(result)
  }

  /// - Parameter done: ends the step of the log's queue.
  private func plan(_ error: UVError?, then done: @escaping () -> Void) {
    guard !isEnded else { return done() }
    guard reader.isPresent() else {
      finish(.failure(.readerGone))
      return done()
    }
    guard !log.isClosed else {
      finish(.failure(LogFailure(message: "The log is closed.")))
      return done()
    }
    if let error {
      finish(.failure(Self.unreadable(error)))
      return done()
    }
    let segments = segments
    let unscanned = segments.reduce(0) { $0 + $1.unscanned }
    if unscanned > Self.leastToReadFromEnd, !isTooLong, let skipped = query.skippedFromEnd {
      return readFromEnd(segments, skipping: skipped, then: done)
    }
    if let segment = segments.first(where: { $0.unscanned > 0 }) {
      open([segment]) { [self] files in
        if let file = files.first { waitForIndex(of: segment, file) }
        done()
      }
    } else {
      plan(over: segments, then: done)
    }
  }

  /// Reads the page from the end of the files, without their index, which is made afterwards.
  private func readFromEnd(
    _ segments: [Segment], skipping skipped: Int, then done: @escaping () -> Void
  ) {
    let all = segments.filter { $0.size > 0 }
    var wanted: [Segment] = []
    var bytes = 0
    for segment in all.reversed() where bytes < PageLocator.limit {
      wanted.append(segment)
      bytes += segment.size
    }
    open(wanted) { [self] files in
      if !files.isEmpty {
        locate(
          Array(zip(wanted, files)), areAll: wanted.count == all.count, skipping: skipped)
      }
      done()
    }
  }

  private func locate(
    _ files: [(segment: Segment, open: OpenFile)], areAll: Bool, skipping skipped: Int
  ) {
    phase = .files(since: now)
    PageLocator(
      files, areAll: areAll, skipping: skipped, taking: query.pageSize, log.context.buffers,
      isPresent: isPresentAfterPiece
    ) { [self] end in
      // What has lines of the page is used on.
      if case .found(let parts, _) = end { for part in parts { part.open.retain() } }
      for file in files { file.open.release() }
      switch end {
      case .found(let parts, let total):
        read(parts, of: total)
      case .tooLong:
        isTooLong = true
        leavePlace()
        if !isEnded { waitForLog() }
      case .other(let other): self.end(other)
      }
      log.beginIndexing()
    }.begin()
  }

  private static func unreadable(_ error: UVError) -> LogFailure {
    LogFailure(message: "The log could not be read: \(error)")
  }

  /// Opens files of the log; where one is there no more, it plans again.
  ///
  /// - Parameter then: gets none where there is nothing more to be done here.
  private func open(_ segments: [Segment], then: @escaping ([OpenFile]) -> Void) {
    phase = .files(since: now)
    log.open(segments) { [self] result in
      switch result {
      case .success(let files?) where !isEnded: return then(files)
      case .success(let files): for file in files ?? [] { file.release() }
      case .failure(let error): finish(.failure(Self.unreadable(error)))
      }
      if !isEnded { restart() }
      then([])
    }
  }

  /// Waits outside of the limiter: others need no index, or another one.
  private func waitForIndex(of segment: Segment, _ open: OpenFile) {
    leavePlace()
    log.scan(segment, open) { [self] error in
      guard !isEnded else { return }
      guard let error else { return waitForLog() }
      answer(.failure(Self.unreadable(error)))
    }
    phase = isEnded ? .turn : .index(segment.scan)
  }

  /// The lines of each file that the page needs, and how many there are in all.
  private func wanted(
    of segments: [Segment]
  ) -> (parts: [(segment: Segment, lines: Range<Int>)], total: Int) {
    let total = segments.reduce(0) { $0 + $1.index.lines }
    let range = query.range(of: total)
    var wanted: [(segment: Segment, lines: Range<Int>)] = []
    var first = 0
    for segment in segments {
      let count = segment.index.lines
      let all = first..<(first + count)
      first = all.upperBound
      let lines = filter == nil ? all.clamped(to: range) : all
      guard !lines.isEmpty else { continue }
      wanted.append(
        (
          segment,
          (lines.lowerBound - all.lowerBound)..<(lines.upperBound - all.lowerBound)
        ))
    }
    return (wanted, total)
  }

  private func plan(over segments: [Segment], then done: @escaping () -> Void) {
    let (wanted, total) = wanted(of: segments)
    guard !wanted.isEmpty else {
      read([], of: total)
      return done()
    }
    open(wanted.map(\.segment)) { [self] files in
      if !files.isEmpty {
        let parts = zip(wanted, files).map { PagePart($0.segment, $1, lines: $0.lines) }
        read(parts, of: total)
      }
      done()
    }
  }

  private func read(_ parts: [PagePart], of total: Int?) {
    let end: (PageEnd) -> Void = { [self] end in
      for part in parts { part.open.release() }
      self.end(end)
    }
    phase = .files(since: now)
    let buffers = log.context.buffers
    if let filter {
      LogSearch(parts, filter, query, buffers, isPresent: isPresentAfterPiece, then: end).begin()
    } else {
      let serving = ahead.flatMap { $0.serves(parts) ? takeAhead() : nil }
      PageReader(
        parts, serving, buffers, of: total, newestFirst: query.newestFirst,
        isPresent: isPresentAfterPiece,
        then: end
      ).begin()
    }
  }

  /// Whether the page is still wanted: asked after each piece that was read.
  private func isPresentAfterPiece() -> Bool {
    phase = .files(since: now)
    log.hangingPages[ObjectIdentifier(self)] = nil
    return !isEnded && reader.isPresent()
  }

  private func end(_ end: PageEnd) {
    guard !isEnded else { return leavePlace() }
    switch end {
    case .page(var page):
      page.partial = partialLines(for: page)
      finish(.success(page))
    case .failure(let failure): finish(.failure(failure))
    case .changed: restart()
    }
  }

  /// The lines without an end that match, where the newest line of the log is on the page.
  private func partialLines(for page: LogPage) -> [PartialLine] {
    guard query.hasNewestLine(of: page.totalLines) else { return [] }
    return log.partialLines.filter { line in
      guard let filter else { return true }
      let whole = line.prefix + line.text
      var matches = false
      whole.withUnsafeBytes { bytes in
        guard let start = bytes.baseAddress else { return }
        filter.forEachMatch(in: start, bytes.count) { _, _ in matches = true }
      }
      return matches
    }
  }

  private func restart() {
    restarts += 1
    guard restarts <= Self.mostRestarts else {
      let message = "The log was changed again and again while it was read: ask once more."
      return finish(.failure(LogFailure(message: message)))
    }
    leavePlace()
    waitForLog()
  }
}
