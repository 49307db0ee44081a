import Glibc
import UV

extension Log {
  /// Reads some lines of the log: of what was given before, whatever happens to the files while
  /// it is read.
  ///
  /// - Parameters:
  ///   - reader: who asks; readers who wait take turns.
  ///   - then: called from the loop; a failure says what to do about it, for instance
  ///     that the page has more than 8 MiB.
  package func page(
    _ query: LogQuery, for reader: LogReader = LogReader(),
    then: @escaping (Result<LogPage, LogFailure>) -> Void
  ) {
    guard query.page >= 1, query.pageSize >= 1 else {
      return then(
        .failure(
          LogFailure(
            message: "The first page is 1, and it has a line or more.", isClientError: true)))
    }
    PageRequest(self, query, for: reader, then: then).begin()
  }

  /// Opens files of the log for reading, for one use each, within a step of the log's queue.
  ///
  /// - Parameter then: gets them in the same order, or nil where one of them is there no more.
  func open(_ segments: [Segment], then: @escaping (Result<[OpenFile]?, UVError>) -> Void) {
    let plan = surveyPlan
    let wanted = segments.filter { $0 !== live }.map { (plan.name($0.number), $0.identity) }
    guard !wanted.isEmpty else { return then(.success(opened(segments, []))) }
    onPool(makes: false) { directory throws(UVError) -> [OpenedFile]? in
      try Log.open(wanted, in: directory)
    } then: { [self] result in
      then(result.map { $0.flatMap { self.opened(segments, $0) } })
    }
  }

  private func opened(_ segments: [Segment], _ others: [OpenedFile]) -> [OpenFile]? {
    var others = others[...]
    let lane = directory.lane(.reading)
    return segments.compactMap { segment in
      guard segment !== live else {
        file?.retain()
        return file
      }
      return others.popFirst().map {
        OpenFile(File($0, on: context.loop, lane, reading: lane), segment.identity)
      }
    }
  }

  /// Opens rotated files on a thread of the pool; nil where one of the names stands for another file now.
  private static func open(
    _ wanted: [(name: String, identity: FileIdentity)], in directory: HeldDirectory
  ) throws(UVError) -> [OpenedFile]? {
    var files: [OpenedFile] = []
    do throws(UVError) {
      for (name, identity) in wanted {
        let file = try directory.open(name, .read)
        files.append(file)
        guard FileIdentity(try file.status()) != identity else { continue }
        for file in files { file.close() }
        return nil
      }
      return files
    } catch {
      for file in files { file.close() }
      if error.code == .noSuchFileOrDirectory { return nil }
      throw error
    }
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
  private var unindexed: Segment? {
    isClosed ? nil : ([live] + rotated).first { $0.unscanned > 0 && $0.scan == nil }
  }

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
