import UV

/// Makes the index of the lines that were in the files of a log before us.
final class LogIndexer {
  private let files: LogFiles
  private let writer: LogWriter
  /// Whether the index of files from before is being made without a request that waits for it.
  private var isIndexing = false

  init(_ files: LogFiles, _ writer: LogWriter) {
    self.files = files
    self.writer = writer
  }

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
    let scan = SegmentScan(segment, open) { [self] in !writer.isClosed }
    segment.scan = scan
    scan.wait(then)
    scan.next()
  }

  /// Makes the index of all files that have none, one after the other, unless that is being done.
  func begin() {
    guard !isIndexing, !writer.isClosed else { return }
    isIndexing = true
    writer.enqueue { [self] done in indexNext(then: done) }
  }

  /// The file that is to be indexed next.
  private var unindexed: Segment? { writer.isClosed ? nil : files.unindexed }

  private func indexNext(then done: @escaping () -> Void) {
    guard unindexed != nil else {
      isIndexing = false
      return done()
    }
    // A rotation may have given them other names since they were looked at.
    files.look { [self] _ in indexFirst(then: done) }
  }

  private func indexFirst(then done: @escaping () -> Void) {
    guard let next = unindexed else {
      isIndexing = false
      return done()
    }
    files.open([next]) { [self] result in
      defer { done() }
      // What cannot be read is told to those who ask for a page that needs it.
      guard case .success(let files?) = result, let file = files.first else {
        isIndexing = false
        return
      }
      scan(next, file) { [self] error in
        // A file that has changed meanwhile is looked at again when a page is asked for.
        guard error == nil, next.unscanned == 0, !writer.isClosed else {
          isIndexing = false
          return
        }
        writer.enqueue { [self] done in indexNext(then: done) }
      }
    }
  }
}
