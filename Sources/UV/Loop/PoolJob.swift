/// One piece of work for a thread of libuv's pool, from its submission to the callback.
package class PoolJob {
  let place: PoolPlace
  /// When it was submitted, on the loop's clock.
  fileprivate(set) final var since = Duration.zero
  /// Where the pool keeps it while it has a thread.
  final var slot = -1
  fileprivate final var next: PoolJob?
  /// The one that waits behind it.
  final var following: PoolJob? { next }

  init(_ place: PoolPlace) {
    self.place = place
  }

  /// Hands it to libuv, which calls back for it from now on.
  ///
  /// - Returns: a negative code where libuv refuses it, which takes a lack of memory; ``refused(_:)`` follows then.
  func begin() -> Int32 {
    preconditionFailure("each kind of job begins in its own way")
  }

  /// Its loop is given up while it has a thread.
  func leave() {}

  /// libuv has refused it.
  func refused(_ code: Int32) {}

  final func noteSubmission(at time: Duration) {
    since = time
  }
}

/// What may hang as a whole, as far as the pool knows: the work of one lane. What waits for a thread stands here, in the
/// order of its submission.
final class PoolPlace {
  unowned let pool: Pool
  let kind: PoolLane.Kind
  /// Shared by the lanes of one directory.
  let fileSystem: FileSystem
  /// How many of its jobs have a thread.
  var running = 0
  private var head: PoolJob?
  private var tail: PoolJob?

  /// What several lanes may hang on together.
  final class FileSystem {
    let name: String
    var running = 0

    init(_ name: String) {
      self.name = name
    }
  }

  init(_ kind: PoolLane.Kind, _ fileSystem: FileSystem, in pool: Pool) {
    self.fileSystem = fileSystem
    self.pool = pool
    self.kind = kind
  }

  var hasWaiting: Bool { head != nil }

  /// The job that waits longest.
  var first: PoolJob? { head }

  func append(_ job: PoolJob) {
    if let tail { tail.next = job } else { head = job }
    tail = job
  }

  func popFirst() -> PoolJob? {
    guard let first = head else { return nil }
    head = first.next
    if head == nil { tail = nil }
    first.next = nil
    return first
  }

  /// Takes out a job that waits.
  ///
  /// - Returns: whether it was there.
  func remove(_ job: PoolJob) -> Bool {
    var before: PoolJob?
    var at = head
    while let one = at, one !== job {
      before = one
      at = one.next
    }
    guard at != nil else { return false }
    if let before { before.next = job.next } else { head = job.next }
    if tail === job { tail = before }
    job.next = nil
    return true
  }
}
