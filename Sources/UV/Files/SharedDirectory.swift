import Glibc
import Synchronization

/// A directory in which other users may be able to make and remove names, the log directory for
/// instance.
///
/// Whatever is done in it is done on the pool, where it is held open (``HeldDirectory``) from the
/// first time on.
package final class SharedDirectory {
  /// The path it is opened by.
  package let path: String
  private let loop: Loop
  private let current = Current()

  /// Which directory the path led to when it was followed last.
  private final class Current: Sendable {
    private let held = Mutex<HeldDirectory?>(nil)

    /// Waits for the file system; the lock is not held meanwhile.
    func directory(
      _ path: String, refreshes: Bool, makes: Bool
    ) throws(UVError) -> HeldDirectory {
      let old = held.withLock { $0 }
      if let old, !refreshes { return old }
      let new = try HeldDirectory.follow(path, from: old, makes: makes)
      // A thread that has hung for long does not put an old one in the place of a newer one.
      held.withLock { if $0 === old { $0 = new } }
      return new
    }
  }

  /// A directory that is not opened before something is done in it.
  package init(_ path: String, on loop: Loop) {
    self.path = path
    self.loop = loop
  }

  /// What is done in it, as ``run(_:refreshes:makes:_:then:)`` wants to know.
  package enum Purpose {
    case writing
    case reading
  }

  /// The lane of what is done in it.
  package func lane(_ purpose: Purpose) -> PoolLane {
    switch purpose {
    case .writing: .logs(directory: path)
    case .reading: .logPages(directory: path)
    }
  }

  /// Does something in the directory on a thread of the pool.
  ///
  /// - Parameters:
  ///   - refreshes: whether the path is followed again first: to the directory that is there now.
  ///   - makes: whether a directory that is missing is made, and those above it. One that was
  ///     removed is made again as it was.
  ///   - body: called on another thread.
  ///   - then: called from the loop; gets the error as well because of which there is no directory.
  package func run<Value: Sendable>(
    _ purpose: Purpose, refreshes: Bool = false, makes: Bool = true,
    _ body: @escaping @Sendable (HeldDirectory) throws(UVError) -> Value,
    then: @escaping (Result<Value, UVError>) -> Void
  ) {
    let path = self.path
    let current = self.current
    PoolWork.run(
      on: loop, lane(purpose),
      { () -> Result<Value, UVError> in
        do throws(UVError) {
          return .success(
            try body(try current.directory(path, refreshes: refreshes, makes: makes)))
        } catch {
          return .failure(error)
        }
      }, then: then)
  }
}
