import Basics
import UV

/// Reads pages of one log, and has the index of its files made as far as pages need it.
final class LogReader {
  private let files: LogFiles
  private let writer: LogWriter
  private let inputs: LogInputs
  let context: LogContext
  private let indexer: LogIndexer
  /// The pages that the file system has something of, with the time since when, on the loop's
  /// clock; each is looked at once a second.
  private var hangingPages: [ObjectIdentifier: Duration] = [:]

  /// How many pages of a log may hang, each with a buffer and files, before it is not tried any
  /// more.
  private static let mostHanging = 8
  /// A page that the file system has kept waiting for so long no longer keeps others waiting.
  static let patience = Duration.seconds(1)

  init(_ files: LogFiles, _ writer: LogWriter, _ inputs: LogInputs, _ context: LogContext) {
    self.files = files
    self.writer = writer
    self.inputs = inputs
    self.context = context
    indexer = LogIndexer(files, writer)
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
            message: "The first page is 1, and it has a line or more.", cause: .question)))
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
  func lookAtFiles(reading ahead: ReadAhead?, then: @escaping (UVError?) -> Void) {
    guard !isClosed else { return then(nil) }
    files.look(reading: ahead, then: then)
  }

  /// Of the numbers of lines; nil if they have none yet.
  var epoch: UInt32? { files.numbering?.epoch }

  /// The newest line; see ``LogFiles/newest``.
  var newest: LogCursor? { files.newest }

  /// Gives all lines their numbers; see ``LogFiles/numberLines()``.
  func numberLines() -> UInt32? { files.numberLines() }

  /// Writes what must be known before lines are shown; see ``LogFiles/writeNumbers(then:)``.
  func writeNumbers(then: @escaping () -> Void) { files.writeNumbers(then: then) }

  /// Opens files of the log for reading, for one use each, within a step of the log's queue.
  ///
  /// - Parameter then: gets them in the same order, or nil if one of them is there no more.
  func open(_ segments: [Segment], then: @escaping (Result<[OpenFile]?, UVError>) -> Void) {
    files.open(segments, then: then)
  }

  /// Makes the index of what was in a file before us; see ``LogIndexer/scan(_:_:then:)``.
  func scan(_ segment: Segment, _ open: OpenFile, then: @escaping (UVError?) -> Void) {
    indexer.scan(segment, open, then: then)
  }

  /// Makes the index of all files that have none.
  func beginIndexing() { indexer.begin() }
}
