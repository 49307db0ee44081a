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
            message: "The first page is 1, and it has a line or more.", isAskersFault: true)))
    }
    PageRequest(self, query, for: reader, then: then).begin()
  }

  /// Looks what others have done to the files, before a page is planned.
  func lookAtFiles(then: @escaping () -> Void) {
    // Where the directory cannot be listed, the numbers that are kept are looked for all the same.
    let list = { [self] in listNumbers { _ in then() } }
    guard !isClosed, lookAtLiveFile() == .removed else { return list() }
    // Where there can be no new file, the old one still has its lines.
    replaceLiveFile { _ in list() }
  }

  /// Opens a file of the log for reading, for one use; nil when it is there no more.
  func open(_ segment: Segment) throws(UVError) -> OpenFile? {
    guard segment !== live else {
      file.retain()
      return file
    }
    do throws(UVError) {
      return try OpenFile.reading(name(segment.number), in: directory, segment.identity)
    } catch  where error.code == -ENOENT {
      return nil
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
    let scan = SegmentScan(segment, open)
    segment.scan = scan
    scan.wait(then)
    scan.next()
  }
}
