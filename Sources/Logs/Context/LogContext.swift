import Basics
package import UV

/// What all logs of a daemon share: the loop, the clock and its rendered timestamp, the buffers.
package final class LogContext {
  /// A busy log writes what has gathered at most this often, unless it is much: 200 processes
  /// that write a line a millisecond cost 4,000 writes a second and not 20,000.
  static let batchDelay = Duration.milliseconds(50)
  /// How long after a failed write a log tries again that has nothing else to write.
  private static let retryDelay = Duration.seconds(1)

  let loop: Loop
  /// Printed in lines of the supervisor: the address it listens on.
  let origin: [UInt8]
  let buffers = BufferPool()
  let batches: CoalescingTimer
  let retries: CoalescingTimer
  let stalls: StallWatch
  /// How many pages are read at the same time, and how many searches through whole logs.
  let pages = ConcurrencyLimiter(places: 8)
  let searches = ConcurrencyLimiter(places: 2)
  /// Whether the pool gives the room of a large file back that no caller waits for.
  var isFreeing = false
  /// Which log the files of a path belong to: the latest one that was made for it, until that has
  /// closed. One before it may still wait for its disk.
  private var owners: [String: ObjectIdentifier] = [:]
  /// The directories that logs are in, by path.
  private var directories: [String: SharedDirectory] = [:]
  private let now: () -> Duration
  private var clock = StampClock()

  /// How many lines all logs together have lost, because they could not be written.
  package internal(set) var droppedLines = 0

  /// Says whether there is room for another page at present; when that changes, `resumeReading()`
  /// is called.
  package var hasRoomForPages: () -> Bool = { true } {
    didSet {
      pages.isOpen = hasRoomForPages
      searches.isOpen = hasRoomForPages
    }
  }

  /// Whether pages or searches wait for their turn.
  package var hasWaitingReaders: Bool { pages.hasWaiting || searches.hasWaiting }

  /// There is room for pages again.
  package func resumeReading() {
    pages.resume()
    searches.resume()
  }

  /// Makes a context.
  ///
  /// - Parameters:
  ///   - loop: where the writing and reading of files calls back.
  ///   - origin: the supervisor's address, printed in its own lines: `127.0.0.1:8080`.
  ///   - now: the time since 1970 that lines are stamped with.
  package init(loop: Loop, origin: String, now: @escaping () -> Duration) {
    self.loop = loop
    self.origin = SystemText.escaped(origin)
    self.now = now
    batches = CoalescingTimer(loop: loop, delay: Self.batchDelay)
    retries = CoalescingTimer(loop: loop, delay: Self.retryDelay)
    stalls = StallWatch(loop: loop)
  }

  /// Lets go of what it has of the loop, when its logs have closed.
  package func close() { stalls.close() }

  /// The files of a path are this log's from now on.
  func take(_ path: String, for log: ObjectIdentifier) { owners[path] = log }

  /// It has closed.
  func leave(_ path: String, by log: ObjectIdentifier) {
    guard isOwner(log, of: path) else { return }
    owners[path] = nil
    owners.giveBackRoom()
  }

  func isOwner(_ log: ObjectIdentifier, of path: String) -> Bool { owners[path] == log }

  /// Whether there is a log of that path.
  func hasOwner(_ path: String) -> Bool { owners[path] != nil }

  /// The directory of a path.
  func directory(_ path: String) -> SharedDirectory {
    if let directory = directories[path] { return directory }
    let directory = SharedDirectory(path, on: loop)
    directories[path] = directory
    return directory
  }

  /// The names in a directory that logs are in.
  package func names(in path: String, then: @escaping (Result<[String], UVError>) -> Void) {
    directory(path).run(
      .writing, makes: false,
      { directory throws(UVError) in try directory.names(beginningWith: "") }, then: then)
  }

  /// The beginning of a line that is written now.
  func stamp() -> LinePrefix {
    clock.stamp(at: now())
  }

  /// The same of a line of the supervisor.
  func systemStamp() -> LinePrefix {
    var prefix = stamp()
    prefix.append(stream: .system, run: nil)
    return prefix
  }
}
