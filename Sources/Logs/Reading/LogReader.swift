import UV

/// Reads pages of one log, and makes the index of its files as far as pages need it.
final class LogReader {
  private let files: LogFiles
  private let writer: LogWriter
  private let inputs: LogInputs
  let context: LogContext
  /// The pages that the file system has something of, with the time since when, on the loop's clock; each is looked at once
  /// a second.
  private var hangingPages: [ObjectIdentifier: Duration] = [:]
  /// Whether the index of files from before is being made without anybody who waits for it.
  private var isIndexing = false

  /// How many pages of a log may hang, each with a buffer and files, before it is not tried any more.
  private static let mostHanging = 8
  /// A page that the file system has kept waiting for so long no longer keeps others waiting.
  static let patience = Duration.seconds(1)

  init(_ files: LogFiles, _ writer: LogWriter, _ inputs: LogInputs, _ context: LogContext) {
    self.files = files
    self.writer = writer
    self.inputs = inputs
    self.context = context
  }

  /// Reads some lines of the log; see ``Log/page(_:for:then:)``.
  func page(
    _ query: LogQuery, for requester: PageRequester,
    then: @escaping (Result<LogPage, LogFailure>) -> Void
  ) {
    guard query.page >= 1, query.pageSize >= 1 else {
      return then(
        .failure(
          LogFailure(
            message: "The first page is 1, and it has a line or more.", isClientError: true)))
    }
    PageRequest(self, query, for: requester, then: then).begin()
  }

  // MARK: What a page waits for

  /// How long what is under way in the writer's queue has waited for the file system.
  var stalledFor: Duration { writer.stalledFor }

  /// Whether the log is known not to answer a page.
  var isStalled: Bool {
    writer.isStalled || hangingCount >= Self.mostHanging
  }

  private var hangingCount: Int {
    let now = context.loop.now
    return hangingPages.values.count { now - $0 >= Self.patience }
  }

  /// Notes since when the file system has something of a page.
  func noteHanging(_ page: ObjectIdentifier, since: Duration) { hangingPages[page] = since }

  /// Notes that the file system has answered a page.
  func noteAnswer(_ page: ObjectIdentifier) { hangingPages[page] = nil }

  /// Puts a step behind all that was given to the log before.
  func enqueue(_ step: @escaping (@escaping () -> Void) -> Void) { writer.enqueue(step) }

  // MARK: What a page is made of

  var isClosed: Bool { writer.isClosed }

  /// Whether there is a live file, or was one when the log was closed.
  var isOpen: Bool { files.isOpen }

  /// What is known of the live file.
  var liveSegment: Segment { files.liveSegment }

  /// What is known of all files, the oldest one first.
  var segments: [Segment] { files.segments }

  /// The lines whose ends have not come yet.
  var partialLines: [PartialLine] { inputs.partialLines }

  /// Looks what others have done to the files, before a page is planned.
  ///
  /// - Parameters:
  ///   - ahead: what is read in passing.
  ///   - then: gets why the rotated files cannot be looked at.
  func lookAtFiles(reading ahead: ReadAhead? = nil, then: @escaping (UVError?) -> Void) {
    guard !isClosed else { return then(nil) }
    files.look(reading: ahead, then: then)
  }

  /// Opens files of the log for reading, for one use each, within a step of the log's queue.
  ///
  /// - Parameter then: gets them in the same order, or nil where one of them is there no more.
  func open(_ segments: [Segment], then: @escaping (Result<[OpenFile]?, UVError>) -> Void) {
    files.open(segments, then: then)
  }

  // MARK: The index

  /// Makes the index of what was in a file before us; those who want the same wait for one scan.
  ///
  /// - Parameters:
  ///   - open: one use of the file, which ends with the scan.
  ///   - then: called when the scan is over; also when it was in vain, since the file changed.
  func scan(_ segment: Segment, _ open: OpenFile, then: @escaping (UVError?) -> Void) {
    if let scan = segment.scan {
      open.release()
      return scan.wait(then)
    }
    let scan = SegmentScan(segment, open) { [self] in !isClosed }
    segment.scan = scan
    scan.wait(then)
    scan.next()
  }

  /// Makes the index of all files that have none, one after the other, unless that is being done.
  func beginIndexing() {
    guard !isIndexing, !isClosed else { return }
    isIndexing = true
    enqueue { [self] done in indexNext(then: done) }
  }

  /// The file that is to be indexed next.
  private var unindexed: Segment? { isClosed ? nil : files.unindexed }

  private func indexNext(then done: @escaping () -> Void) {
    guard unindexed != nil else {
      isIndexing = false
      return done()
    }
    // A rotation may have given them other names since they were looked at.
    lookAtFiles { [self] _ in indexFirst(then: done) }
  }

  private func indexFirst(then done: @escaping () -> Void) {
    guard let next = unindexed else {
      isIndexing = false
      return done()
    }
    open([next]) { [self] result in
      defer { done() }
      // What cannot be read is told to those who ask for a page that needs it.
      guard case .success(let files?) = result, let file = files.first else {
        isIndexing = false
        return
      }
      scan(next, file) { [self] error in
        // A file that has changed meanwhile is looked at again when a page is asked for.
        guard error == nil, next.unscanned == 0, !isClosed else {
          isIndexing = false
          return
        }
        enqueue { [self] done in indexNext(then: done) }
      }
    }
  }
}
