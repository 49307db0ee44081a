import UV

/// A page that somebody has asked for: waits for its turn and for the index, plans, reads.
final class PageRequest {
  /// A log that is cleared or rotated away under a page again and again lets it fail.
  private static let mostRestarts = 8

  private let log: Log
  private let query: LogQuery
  private let filter: LineFilter?
  private let reader: LogReader
  private let then: (Result<LogPage, LogFailure>) -> Void
  private var restarts = 0

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

  private var turnstile: Turnstile {
    filter == nil ? log.context.pages : log.context.searches
  }

  /// Plans in the log's queue: behind what was given before, and never during a rotation.
  func begin() {
    turnstile.enter(as: reader.name, isPresent: reader.isPresent) { [self] in
      guard reader.isPresent() else { return finish(.failure(.readerGone)) }
      log.enqueue { [self] done in
        log.lookAtFiles { [self] in
          plan()
          done()
        }
      }
    } gone: { [self] in
      then(.failure(.readerGone))
    }
  }

  private func finish(_ result: Result<LogPage, LogFailure>) {
    // First the answer, whose size decides whether there is room for another one.
    then(result)
    turnstile.leave()
  }

  private func plan() {
    guard reader.isPresent() else { return finish(.failure(.readerGone)) }
    guard !log.isClosed else {
      return finish(.failure(LogFailure(message: "The log is closed.")))
    }
    do throws(UVError) {
      try log.lookAtRotatedFiles()
      let segments = log.rotated.reversed() + [log.live]
      if let segment = segments.first(where: { $0.unscanned > 0 }) {
        guard let open = try log.open(segment) else { return restart() }
        return waitForIndex(of: segment, open)
      }
      try plan(over: segments)
    } catch {
      finish(.failure(LogFailure(message: "The log could not be read: \(error)")))
    }
  }

  /// Waits outside of the turnstile: others need no index, or another one.
  private func waitForIndex(of segment: Segment, _ open: OpenFile) {
    turnstile.leave()
    log.scan(segment, open) { [self] error in
      guard let error else { return begin() }
      then(.failure(LogFailure(message: "The log could not be read: \(error)")))
    }
  }

  private func plan(over segments: [Segment]) throws(UVError) {
    let total = segments.reduce(0) { $0 + $1.index.lines }
    let range = query.range(of: total)
    var parts: [PagePart] = []
    var first = 0
    for segment in segments {
      let count = segment.index.lines
      let all = first..<(first + count)
      first = all.upperBound
      let wanted = filter == nil ? all.clamped(to: range) : all
      guard !wanted.isEmpty else { continue }
      guard let open = try log.open(segment) else {
        for part in parts { part.open.release() }
        return restart()
      }
      let lines = (wanted.lowerBound - all.lowerBound)..<(wanted.upperBound - all.lowerBound)
      parts.append(PagePart(segment, open, lines: lines))
    }
    read(parts, of: total)
  }

  private func read(_ parts: [PagePart], of total: Int) {
    let end: (PageEnd) -> Void = { [self] end in
      for part in parts { part.open.release() }
      switch end {
      case .page(var page):
        page.partial = partialLines(for: page)
        finish(.success(page))
      case .failure(let failure): finish(.failure(failure))
      case .changed: restart()
      }
    }
    let buffers = log.context.buffers
    if let filter {
      LogSearch(parts, filter, query, buffers, isPresent: reader.isPresent, then: end).begin()
    } else {
      PageReader(
        parts, buffers, of: total, newestFirst: query.newestFirst, isPresent: reader.isPresent,
        then: end
      ).begin()
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
    turnstile.leave()
    begin()
  }
}
