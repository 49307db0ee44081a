import Glibc

/// The descriptors 0 to 2, which whatever started this process has opened.
package enum StandardStreams {
  /// Writes to standard output, whole; a reader that has gone away, or a disk that is full, is
  /// passed over on purpose: it must never hurt what is being supervised.
  package static func writeOutput(_ text: String) {
    write(text, to: STDOUT_FILENO)
  }

  /// Writes to standard error, whole; errors are passed over as in ``writeOutput(_:)``.
  package static func writeError(_ text: String) {
    write(text, to: STDERR_FILENO)
  }

  /// Writes to standard output, whole, where it matters that it arrives.
  package static func writeOutput(allOf text: String) throws(UVError) {
    do throws(UVError) {
      try Files.writeAll(Array(text.utf8), to: STDOUT_FILENO, "standard output")
    } catch {
      throw UVError(error.code, outputOperation)
    }
  }

  /// Throws where standard output was closed at the start, or is open for reading alone: for what
  /// must not be done if its result cannot be shown.
  package static func checkOutput() throws(UVError) {
    let flags = try UVError.system(outputOperation) { fcntl(STDOUT_FILENO, F_GETFL) }
    guard flags & O_ACCMODE != O_RDONLY else {
      throw UVError(code: -EBADF, operation: outputOperation)
    }
  }

  /// Has the descriptors 0 to 2 be open: to `/dev/null` where the program that started this has
  /// closed them. Otherwise the next file that is opened is taken for standard output, and what is
  /// printed goes into it. To be called before anything is opened.
  ///
  /// Standard output cannot be written then: text that was asked for would be lost without an
  /// error.
  package static func openMissing() {
    for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) == -1 {
      // The lowest free number is the one that is missing. Without a device that can be opened, a
      // directory keeps the number: writing to it fails, and that is passed over.
      let access = descriptor == STDOUT_FILENO ? O_RDONLY : O_RDWR
      if Glibc.open("/dev/null", access) >= 0 { continue }
      _ = Glibc.open("/", O_RDONLY | O_DIRECTORY)
    }
  }

  /// Whether a descriptor is a terminal (`isatty`).
  package static func isTerminal(_ descriptor: Int32) -> Bool {
    isatty(descriptor) == 1
  }

  private static let outputOperation: UVError.Operation = "write to standard output"

  private static func write(_ text: String, to descriptor: Int32) {
    var text = text.readable
    text.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)
      while !rest.isEmpty {
        let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
        if count >= 0 {
          rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        } else if errno != EINTR {
          return
        }
      }
    }
  }
}
