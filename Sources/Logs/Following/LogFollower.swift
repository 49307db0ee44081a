package import Basics

/// Follows a log: gives one reader its lines, those that are there and those that come, in their
/// order and each once, and says where some are missing.
///
/// A reader who is at the end gets what is written from memory, as all others do; who falls behind
/// is given it from the files. All that is kept for a reader is the number of its last line.
package final class LogFollower {
  /// What a reader gets.
  package enum Item {
    case lines(LogBlock)
    /// All that was there has been given; what follows is new. With the number of the newest line,
    /// 0 if there is none yet.
    case live(LogCursor)
    case gap(LogGap, epoch: UInt32?)
    /// The log has closed.
    case ended
    /// The log cannot be read.
    case failed(LogFailure)
  }

  /// How many lines are read at once, at first and at the most, and how many bytes they should
  /// have.
  private static let firstLines = 8
  private static let mostLines = 1000
  private static let pageBytes = 128 * 1024

  private let reader: LogReader
  private let files: LogFiles
  private let query: FollowQuery
  private let requester: PageRequester
  /// What gets the next item; nil as long as none is wanted.
  private var waiting: ((Item) -> Void)?
  /// The last line that was given, or passed over; nil before the start is known.
  private var cursor: LogCursor?
  /// What comes before anything else.
  private var pending: [Item] = []
  private var pageSize = LogFollower.firstLines
  private var isReading = false
  private var isLive = false
  private var isOver = false
  /// Up to which write to the files the reader has everything; nil if that is not known.
  private var upToDate: Int?

  init(
    _ reader: LogReader, _ files: LogFiles, _ query: FollowQuery, for requester: PageRequester
  ) {
    self.reader = reader
    self.files = files
    self.query = query
    self.requester = requester
    // It is there until it is closed.
    tail.join(ObjectIdentifier(self)) { [self] in advance() }
  }

  private var tail: LogTail { files.tail }

  /// Asks for the next item. There is one such question at a time.
  ///
  /// - Parameter then: called once, within this call or later; never after ``close()``, and never
  ///   again after `ended` or `failed`.
  package func next(_ then: @escaping (Item) -> Void) {
    precondition(waiting == nil, "an item is waited for already")
    guard !isOver else { return }
    waiting = then
    advance()
  }

  /// Gives no more items.
  package func close() {
    isOver = true
    waiting = nil
    tail.leave(ObjectIdentifier(self))
  }

  private func give(_ item: Item) {
    let then = waiting
    waiting = nil
    then?(item)
  }

  private func advance() {
    guard waiting != nil, !isReading, !isOver else { return }
    if !pending.isEmpty { return give(pending.removeFirst()) }
    guard let cursor else { return begin() }
    switch tail.position(of: cursor) {
    case .behind(let block):
      self.cursor = LogCursor(epoch: block.epoch, number: block.last)
      return give(.lines(block))
    case .atEnd: return rest(at: cursor)
    case .unknown: break
    }
    if upToDate == tail.generation { rest(at: cursor) } else { read(after: cursor) }
  }

  /// There is nothing new.
  private func rest(at cursor: LogCursor) {
    if tail.hasEnded {
      let then = waiting
      close()
      then?(.ended)
    } else if !isLive {
      isLive = true
      give(.live(cursor))
    }
  }

  private func fail(_ failure: LogFailure) {
    if tail.hasEnded { return passOverRest() }
    let then = waiting
    close()
    then?(.failed(failure))
  }

  /// The log has closed before the reader has come to its end: the rest cannot be read.
  private func passOverRest() {
    let last = cursor ?? files.newest ?? .beforeAll
    let newest = files.newest ?? last
    cursor = newest
    upToDate = tail.generation
    if newest.number > last.number {
      pending.append(
        .gap(
          LogGap(from: last.number + 1, to: newest.number, reason: .dropped), epoch: newest.epoch))
    }
    advance()
  }

  // MARK: The start

  private func begin() {
    switch query.place {
    case .after(let cursor): read(after: cursor)
    case .afterUnknown: reset()
    case .oldest: request(.oldestLine) { [self] in begin(with: $0) }
    case .tail: findTail { [self] in begin(with: $0) }
    }
  }

  /// The first of the newest lines that are to be given, by itself: all of them may be too much.
  private var tailQuery: LogQuery {
    guard let count = query.tail else { return .oldestLine }
    guard count > 0 else { return LogQuery(page: 1, pageSize: 1, before: .behindAll) }
    return LogQuery(
      page: count, pageSize: 1, stream: query.stream, text: query.text, before: .behindAll)
  }

  /// Finds the first of the newest lines; the oldest one if there are not as many that match.
  private func findTail(then: @escaping (LogPage) -> Void) {
    request(tailQuery) { [self] page in
      guard page.numbers == nil, page.totalLines ?? 0 > 0 else { return then(page) }
      request(.oldestLine, then: then)
    }
  }

  private func begin(with page: LogPage) {
    cursor = place(before: page)
    advance()
  }

  /// What stands before the first line that is to be given.
  private func place(before page: LogPage) -> LogCursor {
    // What has been written since the page was planned comes behind it.
    let newest = page.newest
    guard let numbers = page.numbers else { return newest ?? .beforeAll }
    guard query.tail == 0, query.place != .oldest else {
      return LogCursor(epoch: numbers.epoch, number: numbers.first - 1)
    }
    return LogCursor(epoch: numbers.epoch, number: newest?.number ?? numbers.last)
  }

  /// The numbering is another one than that of the cursor: begins again.
  private func reset() {
    findTail { [self] page in
      let cursor = place(before: page)
      self.cursor = cursor
      pending.append(
        .gap(LogGap(from: nil, to: cursor.number, reason: .reset), epoch: cursor.epoch))
      advance()
    }
  }

  // MARK: Reading

  /// Reads what follows a line from the files.
  private func read(after cursor: LogCursor) {
    let generation = tail.generation
    let query = LogQuery(page: 1, pageSize: pageSize, newestFirst: false, after: cursor)
    request(query) { [self] page in
      take(page, after: cursor)
      // Whatever has been written since then is read next.
      if page.lines.count < query.pageSize { upToDate = generation }
      advance()
    }
  }

  private func take(_ page: LogPage, after cursor: LogCursor) {
    guard let numbers = page.numbers else {
      // What has been cleared behind the cursor has left its numbers.
      let newest = files.newest ?? cursor
      self.cursor = newest
      if newest.number > cursor.number, let epoch = newest.epoch {
        pending.append(gap(from: cursor.number + 1, to: newest.number, in: epoch))
      }
      return
    }
    var block: [LogLine] = []
    var number = cursor.number
    for line in zip(page.lines, numbers.all).map({ LogLine($0, number: $1) }) {
      if line.number > number + 1 {
        keep(&block, numbers.epoch)
        pending.append(gap(from: number + 1, to: line.number - 1, in: numbers.epoch))
      }
      block.append(line)
      number = line.number
    }
    keep(&block, numbers.epoch)
    self.cursor = LogCursor(epoch: numbers.epoch, number: number)
    adaptPageSize(to: page)
  }

  /// Ends a block.
  private func keep(_ lines: inout [LogLine], _ epoch: UInt32) {
    guard !lines.isEmpty else { return }
    pending.append(.lines(LogBlock(lines, size: 0, epoch: epoch)))
    lines = []
  }

  private func gap(from: Int, to: Int, in epoch: UInt32) -> Item {
    .gap(LogGap(from: from, to: to, reason: files.reason(ofGapTo: to)), epoch: epoch)
  }

  /// What is read at once is what a reader may leave unread.
  private func adaptPageSize(to page: LogPage) {
    let bytes = page.lines.reduce(0) { $0 + $1.count }
    guard bytes > 0 else { return }
    pageSize = min(Self.mostLines, max(1, Self.pageBytes * page.lines.count / bytes))
  }

  private func request(_ query: LogQuery, then: @escaping (LogPage) -> Void) {
    isReading = true
    reader.page(query, for: requester) { [self] result in
      isReading = false
      guard !isOver else { return }
      switch result {
      case .success(let page): then(page)
      case .failure(let failure) where failure.cause == .cursor: reset()
      case .failure(.readerGone): fail(.readerGone)
      case .failure(let failure) where failure.cause == .question && pageSize > 1:
        // Some very long lines.
        pageSize = max(1, pageSize / 8)
        advance()
      case .failure(let failure): fail(failure)
      }
    }
  }
}

extension LogQuery {
  fileprivate static let oldestLine = LogQuery(
    page: 1, pageSize: 1, newestFirst: false, after: .beforeAll)
}

extension LogCursor {
  fileprivate static let beforeAll = LogCursor(epoch: nil, number: 0)
  fileprivate static let behindAll = LogCursor(epoch: nil, number: largestNumber)
}
