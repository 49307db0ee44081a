import Glibc
import Testing
import UV

/// A program whose execution hangs for as long as a process holds a lease on it (`F_SETLEASE` of
/// fcntl(2)).
package final class LeasedProgram {
  /// Of the program.
  package let path: String
  private let descriptor: Int32

  /// Makes the program.
  package init(_ path: String) throws {
    self.path = path
    try Files.createNew(path, mode: 0o755, contents: Array("#!/bin/sh\nexit 0\n".utf8))
    // The holder of a lease is told by a signal when it is to give it up.
    signal(SIGIO, SIG_IGN)
    descriptor = open(path, O_RDWR | O_CLOEXEC)
    try #require(descriptor >= 0)
    // Another test's child, between fork and exec, may hold the file open for a moment.
    // F_SETLEASE, F_WRLCK.
    var tries = 0
    while fcntl(descriptor, 1024, 1) != 0 {
      try #require(errno == EAGAIN && tries < 10_000)
      tries += 1
      usleep(1000)
    }
  }

  deinit { close(descriptor) }
}
