import UV

extension PageRequest {
  /// What has less unindexed bytes, a piece of a scan, is indexed first: that is as quick.
  private static let leastToReadFromEnd = 1024 * 1024

  /// Finds out where the lines of the page are, and begins to read them or to wait for the index.
  ///
  /// - Parameters:
  ///   - error: why the files could not be looked at.
  ///   - done: ends the step of the log's queue.
  func plan(_ error: UVError?, then done: @escaping () -> Void) {
    guard !isEnded else { return done() }
    guard isRequesterPresent else {
      finish(.failure(.readerGone))
      return done()
    }
    guard !reader.isClosed else {
      finish(.failure(LogFailure(message: "The log is closed.")))
      return done()
    }
    if let error {
      finish(.failure(LogFailure(because: error)))
      return done()
    }
    epoch = reader.numberLines()
    newest = reader.newest
    if let cursor = query.outdatedCursor(in: reader.epoch) {
      finish(.failure(LogFailure(outdated: cursor)))
      return done()
    }
    let segments = reader.segments
    let unscanned = segments.reduce(0) { $0 + $1.unscanned }
    if unscanned > Self.leastToReadFromEnd, !isTooLong, let skipped = query.skippedFromEnd {
      return writeNumbers { [self] in readFromEnd(segments, skipping: skipped, then: done) }
    }
    if let segment = segments.first(where: { $0.unscanned > 0 }) {
      open([segment]) { [self] files in
        if let file = files.first { waitForIndex(of: segment, file) }
        done()
      }
    } else {
      writeNumbers { [self] in read(PagePlan(query, of: segments), then: done) }
    }
  }

  /// Writes what must be known before lines are shown with their numbers.
  private func writeNumbers(then: @escaping () -> Void) {
    guard epoch != nil else { return then() }
    waitForFiles()
    reader.writeNumbers(then: then)
  }

  /// Reads the page from the end of the files, without their index, which is made afterwards.
  private func readFromEnd(
    _ segments: [Segment], skipping skipped: Int, then done: @escaping () -> Void
  ) {
    let all = segments.filter { $0.size > 0 }
    let wanted = PageLocator.wanted(of: all)
    open(wanted) { [self] files in
      if !files.isEmpty {
        locate(
          Array(zip(wanted, files)), of: all, areAll: wanted.count == all.count,
          skipping: skipped)
      }
      done()
    }
  }

  private func locate(
    _ files: [(segment: Segment, open: OpenFile)], of all: [Segment], areAll: Bool,
    skipping skipped: Int
  ) {
    waitForFiles()
    let counts = all.compactMap(\.lines)
    let known = epoch == nil ? nil : counts.reduce(0, +)
    PageLocator(
      files, areAll: areAll, areNumbered: epoch != nil, skipping: skipped,
      taking: query.pageSize, reader.context.buffers,
      isPresent: isPresentAfterPiece
    ) { [self] end in
      // What has lines of the page is used on.
      if case .found(let parts, _) = end { for part in parts { part.open.retain() } }
      for file in files { file.open.release() }
      switch end {
      case .found(let parts, _?) where epoch == nil:
        // All lines have been counted by that: they have numbers now.
        for part in parts { part.open.release() }
        restart()
      case .found(let parts, let total): read(parts, of: total ?? known)
      case .tooLong: waitForWholeIndex()
      case .other(let other): self.end(other)
      }
      reader.beginIndexing()
    }.begin()
  }

  /// Opens files of the log; where one is there no more, it plans again.
  ///
  /// - Parameter then: gets none where there is nothing more to be done here.
  private func open(_ segments: [Segment], then: @escaping ([OpenFile]) -> Void) {
    waitForFiles()
    reader.open(segments) { [self] result in
      switch result {
      case .success(let files?) where !isEnded: return then(files)
      case .success(let files): for file in files ?? [] { file.release() }
      case .failure(let error): finish(.failure(LogFailure(because: error)))
      }
      if !isEnded { restart() }
      then([])
    }
  }

  private func read(_ plan: PagePlan, then done: @escaping () -> Void) {
    guard !plan.parts.isEmpty else {
      read([], of: plan.total)
      return done()
    }
    open(plan.parts.map(\.segment)) { [self] files in
      if !files.isEmpty {
        let parts = zip(plan.parts, files).map {
          PagePart($0.segment, $1, lines: $0.lines, isNumbered: epoch != nil)
        }
        read(parts, of: plan.total)
      }
      done()
    }
  }

  private func read(_ parts: [PagePart], of total: Int?) {
    let end: (PageEnd) -> Void = { [self] end in
      for part in parts { part.open.release() }
      self.end(end)
    }
    waitForFiles()
    let buffers = reader.context.buffers
    if let filter {
      LogSearch(
        parts, filter, query, buffers, in: epoch, isPresent: isPresentAfterPiece, then: end
      ).begin()
    } else {
      PageReader(
        parts, takeAhead(serving: parts), query, buffers, of: total, in: epoch,
        isPresent: isPresentAfterPiece, then: end
      ).begin()
    }
  }

  private func end(_ end: PageEnd) {
    guard !isEnded else { return leavePlace() }
    switch end {
    case .page(var page):
      page.partial = partialLines(for: page)
      page.newest = newest
      finish(.success(page))
    case .failure(let failure): finish(.failure(failure))
    case .changed: restart()
    }
  }

  /// The lines without an end that match, where the newest line of the log is on the page.
  private func partialLines(for page: LogPage) -> [PartialLine] {
    guard query.hasNewestLine(of: page.totalLines) else { return [] }
    return reader.partialLines.filter { filter?.matches($0) ?? true }
  }
}
