import UV

/// Keeps the heap small: forking a child copies the page tables of all of it, and the allocator
/// holds on to what thousands of small objects leave between those that stay.
final class HeapTrimmer {
  private let timer: Timer
  /// Soon enough to be noticed, late enough that a thousand removals in a row cost one pass.
  private static let delay: Duration = .milliseconds(500)
  /// How much has to be let go to be worth a pass.
  private static let leastBytes = 256 << 10
  private var releasedBytes = 0

  init(on loop: Loop) throws(UVError) {
    timer = try Timer(on: loop)
  }

  /// Something was let go: has free memory given back a little later.
  func noteRelease() {
    guard !timer.isActive else { return }
    timer.start(after: Self.delay) { [self] in
      releasedBytes = 0
      SystemProcess.trimHeap()
    }
  }

  /// So many bytes were let go: has free memory given back once they have become many.
  func noteRelease(bytes: Int) {
    releasedBytes += bytes
    if releasedBytes >= Self.leastBytes { noteRelease() }
  }

  func close() {
    timer.close()
  }
}
