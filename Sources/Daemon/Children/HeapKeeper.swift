import UV

/// Keeps the heap small: forking a child copies the page tables of all of it, and the allocator holds on to
/// what thousands of small objects leave between those that stay.
final class HeapKeeper {
  private let timer: Timer
  /// Soon enough to be noticed, late enough that a thousand removals in a row cost one pass.
  private static let delay: Duration = .seconds(1)

  init(on loop: Loop) throws(UVError) {
    timer = try Timer(on: loop)
  }

  /// Something was let go: has free memory given back a little later.
  func noteRelease() {
    guard !timer.isActive else { return }
    timer.start(after: Self.delay) { SystemProcess.trimHeap() }
  }

  func close() {
    timer.close()
  }
}
