import Glibc

extension SystemProcess {
  /// Writes to standard output, whole; a reader that has gone away, or a disk that is full, is
  /// passed over on purpose: it must never hurt what is being supervised.
  package static func writeToStandardOutput(_ text: String) {
    write(text, to: STDOUT_FILENO)
  }

  /// Writes to standard error, whole; errors are passed over as in ``writeToStandardOutput(_:)``.
  package static func writeToStandardError(_ text: String) {
    write(text, to: STDERR_FILENO)
  }

  /// Writes to standard output, whole, where it matters that it arrives.
  package static func writeToStandardOutput(allOf text: String) throws(UVError) {
    do throws(UVError) {
      try Files.writeAll(Array(text.utf8), to: STDOUT_FILENO, "standard output")
    } catch {
      throw UVError(error.code, outputOperation)
    }
  }

  /// Throws where standard output was closed at the start, or is open for reading alone: for what must not be done
  /// if its result cannot be shown.
  package static func checkStandardOutput() throws(UVError) {
    let flags = try UVError.system(outputOperation) { fcntl(STDOUT_FILENO, F_GETFL) }
    guard flags & O_ACCMODE != O_RDONLY else {
      throw UVError(code: -EBADF, operation: outputOperation)
    }
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
