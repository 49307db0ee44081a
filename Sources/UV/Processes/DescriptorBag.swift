import CLinux
import Glibc

/// Descriptors that are closed together unless another owner has taken them over by then.
final class DescriptorBag {
  private var held: [Int32] = []

  /// Adds a descriptor.
  func hold(_ descriptor: Int32) -> Int32 {
    held.append(descriptor)
    return descriptor
  }

  /// Makes a pipe (`pipe2`); neither end survives an exec.
  func pipe(_ subject: String) throws(UVError) -> (read: Int32, write: Int32) {
    var ends: (Int32, Int32) = (-1, -1)
    try UVError.system("make a pipe for", subject) {
      withUnsafeMutableBytes(of: &ends) { ends in
        ends.withMemoryRebound(to: Int32.self) { pipe2($0.baseAddress, O_CLOEXEC) }
      }
    }
    return (hold(ends.0), hold(ends.1))
  }

  /// Forgets a descriptor that belongs to another owner now.
  func release(_ descriptor: Int32) {
    held.removeAll { $0 == descriptor }
  }

  /// Closes one of the descriptors.
  func close(_ descriptor: Int32) {
    release(descriptor)
    Glibc.close(descriptor)
  }

  /// Closes one if it is among the descriptors.
  func closeIfHeld(_ descriptor: Int32) {
    if held.contains(descriptor) { close(descriptor) }
  }

  /// Closes all that are left.
  func closeAll() {
    for descriptor in held { Glibc.close(descriptor) }
    held = []
  }
}
