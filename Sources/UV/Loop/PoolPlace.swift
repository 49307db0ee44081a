/// What may hang as a whole, as far as the pool knows: the work of one lane. Work that waits for a
/// thread stands here, in the order of its submission.
final class PoolPlace {
  unowned let pool: Pool
  let kind: PoolLane.Kind
  /// Shared by the lanes of one directory.
  let fileSystem: FileSystem
  /// How many runners it has; used on the loop only.
  var running = 0
  /// Whether it is one of ``Pool``'s places with waiting work; used on the loop only.
  var isListed = false
  /// Both ends of the queue, under the pool's lock.
  private var head: Unmanaged<PoolWork>?
  private var tail: Unmanaged<PoolWork>?

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

  /// Whether work waits; under the pool's lock, as all that follows.
  var hasWaiting: Bool { head != nil }

  /// The work that waits longest.
  var first: PoolWork? { head?.takeUnretainedValue() }

  /// Calls a closure with all that wait, the longest first.
  func visitWaiting(_ body: (PoolWork) -> Void) {
    var at = head
    while let one = at {
      at = one._withUnsafeGuaranteedRef {
        body($0)
        return $0.next
      }
    }
  }

  func append(_ work: Unmanaged<PoolWork>) {
    if let tail { tail._withUnsafeGuaranteedRef { $0.next = work } } else { head = work }
    tail = work
    work._withUnsafeGuaranteedRef { $0.isQueued = true }
  }

  func popFirst() -> Unmanaged<PoolWork>? {
    guard let first = head else { return nil }
    first._withUnsafeGuaranteedRef {
      head = $0.next
      $0.next = nil
      $0.isQueued = false
    }
    if head == nil { tail = nil }
    return first
  }

  /// Takes work out that waits here.
  func remove(_ work: PoolWork) {
    let removed = Unmanaged.passUnretained(work)
    var before: Unmanaged<PoolWork>?
    var at = head
    while let one = at, one.toOpaque() != removed.toOpaque() {
      before = one
      at = one._withUnsafeGuaranteedRef { $0.next }
    }
    precondition(at != nil, "work is queued in its own place only")
    if let before {
      before._withUnsafeGuaranteedRef { $0.next = work.next }
    } else {
      head = work.next
    }
    if tail?.toOpaque() == removed.toOpaque() { tail = before }
    work.next = nil
    work.isQueued = false
  }
}
