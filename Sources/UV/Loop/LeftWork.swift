import Synchronization

/// The work that loops have left on threads of the pool when they were given up
/// (``Loop/abandon()``). What hangs keeps its thread from the loops after them, until it ends.
final class LeftWork: Sendable {
  private let counts = Mutex<[String: Int]>([:])
  private let total = Atomic<Int>(0)

  /// How many threads it has.
  var count: Int { total.load(ordering: .relaxed) }

  /// How many threads it has on a file system, by the name of ``PoolPlace/FileSystem``.
  func count(on fileSystem: String) -> Int {
    // Nearly always there is none at all.
    count == 0 ? 0 : counts.withLock { $0[fileSystem] ?? 0 }
  }

  func add(_ fileSystem: String) {
    counts.withLock { $0[fileSystem, default: 0] += 1 }
    total.add(1, ordering: .relaxed)
  }

  func remove(_ fileSystem: String) {
    counts.withLock { counts in
      let rest = (counts[fileSystem] ?? 1) - 1
      counts[fileSystem] = rest > 0 ? rest : nil
    }
    total.subtract(1, ordering: .relaxed)
  }
}
