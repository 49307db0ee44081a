import CLinux
import Glibc
package import UV

/// Waits until a process has ended that need not be a child of this one (`pidfd_open(2)`,
/// `poll(2)`).
///
/// - Throws: what keeps it from being watched; not that there is no such process any more.
package func waitForEnd(of pid: Int32) throws(UVError) {
  let descriptor = pidfd_open(pid, 0)
  guard descriptor >= 0 else {
    guard errno == ESRCH else { throw UVError(code: -errno, operation: "watch") }
    return
  }
  defer { close(descriptor) }
  var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
  while poll(&watched, 1, -1) < 0 {
    guard errno == EINTR else { throw UVError(code: -errno, operation: "watch") }
  }
}
