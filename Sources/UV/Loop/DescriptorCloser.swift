import Glibc

/// Closes descriptors that another process has opened and handed over (`SCM_RIGHTS` of unix(7)).
///
/// The last `close(2)` of a file may last as long as its maker likes: `SO_LINGER` of socket(7), a
/// file system of fuse(4). So it is done on libuv's pool, and one after the other: never more than
/// one of its threads waits.
final class DescriptorCloser {
  private unowned let loop: Loop
  private var waiting = ArrayQueue<(descriptor: Int32, then: () -> Void)>()
  private var isClosing = false

  /// A closer that has nothing to do.
  init(on loop: Loop) {
    self.loop = loop
  }

  /// Closes a descriptor after those that wait.
  ///
  /// - Parameter then: called once it is closed, from the loop.
  func close(_ descriptor: Int32, then: @escaping () -> Void = {}) {
    waiting.append((descriptor, then))
    closeNext()
  }

  private func closeNext() {
    guard !isClosing, let (descriptor, then) = waiting.popFirst() else { return }
    isClosing = true
    PoolWork.run(on: loop, .handedOver) {
      // Whatever it says, the descriptor is gone.
      _ = Glibc.close(descriptor)
    } then: { [self] in
      isClosing = false
      then()
      closeNext()
    }
  }
}
