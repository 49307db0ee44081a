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
    try Files.writeAll(Array(text.utf8), to: STDOUT_FILENO, "standard output")
  }

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
