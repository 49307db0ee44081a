import Basics

extension LinePrefix {
  /// Appends what says where a line of a child came from: `STDOUT: `, or `RUN#3 STDOUT: `.
  ///
  /// - Parameter run: the number of the run; nil for a process that is not periodic.
  mutating func append(stream: LogStream, run: Int?) {
    if let run {
      append("RUN#")
      append(decimal: UInt64(max(0, run)))
      append(" ")
    }
    switch stream {
    case .stdout: append("STDOUT: ")
    case .stderr: append("STDERR: ")
    case .system: append("SYSTEM ")
    }
  }
}
