import CLibUV
import Glibc

/// Watches a descriptor for something to read (`uv_poll_t`), and owns it.
package class DescriptorWatch: Handle {
  /// What is watched for.
  enum Condition {
    /// There is something to read, the end included.
    case readable
    /// The file has changed: how files of the kernel's own file systems tell it (`POLLPRI`).
    case urgentCondition
  }

  /// Closed together with the handle.
  final let descriptor: Int32
  private var onReadable: (() -> Void)?

  /// Makes a watch that is off; the descriptor becomes non-blocking. When this throws, the
  /// descriptor is still the caller's.
  init(_ descriptor: Int32, on loop: Loop) throws(UVError) {
    self.descriptor = descriptor
    try super.init(uv_poll_t.self, on: loop, "watch a descriptor") {
      uv_poll_init(loop.pointer, $0, descriptor)
    }
  }

  /// Says what is done while there is something to read, the end included.
  final func whenReadable(_ body: @escaping () -> Void) {
    onReadable = body
  }

  /// Turns the watch on (`uv_poll_start`). An error of the descriptor is "readable" too: the
  /// read then tells what it is.
  final func watch(for condition: Condition = .readable) {
    guard !isClosing else { return }
    let events =
      switch condition {
      case .readable: UV_READABLE
      case .urgentCondition: UV_PRIORITIZED
      }
    let result = uv_poll_start(pointer(as: uv_poll_t.self), Int32(events.rawValue)) {
      handle, _, _ in Handle.owner(of: handle, as: DescriptorWatch.self).readable()
    }
    precondition(result == 0, "another handle watches this descriptor")
  }

  /// Turns the watch off (`uv_poll_stop`).
  final func unwatch() {
    guard !isClosing else { return }
    uv_poll_stop(pointer(as: uv_poll_t.self))
  }

  private func readable() {
    guard let body = onReadable else { return unwatch() }
    body()
  }

  override func closeResources() {
    Glibc.close(descriptor)
  }

  override func releaseClosures() {
    onReadable = nil
  }
}
